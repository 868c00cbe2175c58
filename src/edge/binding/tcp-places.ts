/** The public TCP places that are listened on: each from its first endpoint to its last. Knows ports and who is in them. */
import { formatHostPort } from "../../base/host-port.ts";
import { PublicError } from "../../base/errors.ts";
import type { Duplex } from "../../net/duplex.ts";
import type { SocketDuplex } from "../../net/socket-duplex.ts";
import type { Listening } from "../../net/tcp-listen.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Place, Routed, RoutingTable, TcpPlace } from "../routing-table.ts";
import type { TcpPorts } from "../tcp-ports.ts";

export interface TcpPlacesOptions {
  readonly tcpPorts: TcpPorts;
  /** By which the routing table knows TCP ports, whatever host a URL shows. */
  readonly tcpHost: string;
  readonly routes: RoutingTable<Endpoint>;
  /** Calls back, now or later, for a connection that may go on; others were reset. */
  readonly admit: (connection: SocketDuplex, serve: (visitor: Duplex) => void) => void;
  readonly onVisitor: (visitor: Duplex, endpoint: Endpoint) => void;
}

export class TcpPlaces {
  readonly #options: TcpPlacesOptions;
  readonly #listeners = new Map<Place, Listening>();
  #isStopping = false;

  constructor(options: TcpPlacesOptions) {
    this.#options = options;
  }

  /** As the routing table has it. */
  routed(port: number): Routed & { readonly place: TcpPlace } {
    return { place: `tcp:${port}`, host: this.#options.tcpHost };
  }

  /**
   * Listens on this port for an endpoint that comes next.
   * @throws PublicError 334 when another program has it
   */
  open(port: number, host: string): TcpPlace {
    const place = this.#keep((onVisitor) => this.#options.tcpPorts.open(port, onVisitor));
    if (place !== undefined) return place;
    throw new PublicError("ERR_NGROK_334", { url: `tcp://${formatHostPort({ host, port })}` });
  }

  /** Listens on any port that may be used, for an endpoint that comes next; `undefined` when there is none. */
  openAny(mayUse: (port: number) => boolean): TcpPlace | undefined {
    return this.#keep((onVisitor) => this.#options.tcpPorts.openAny(mayUse, onVisitor));
  }

  /** An endpoint has left; behind the last one nobody listens any more. */
  closeIfEmpty({ place, host }: Routed): void {
    if (this.#options.routes.at({ place, host }) !== undefined) return;
    this.#listeners.get(place)?.stopAccepting();
    this.#listeners.delete(place);
  }

  /** No more visitors are taken, neither in the places that are open nor in those to come. */
  stopAccepting(): void {
    this.#isStopping = true;
    for (const listening of this.#listeners.values()) listening.stopAccepting();
  }

  #keep(listen: (onConnection: (connection: SocketDuplex) => void) => Listening | undefined): TcpPlace | undefined {
    const { routes, tcpHost: host, admit, onVisitor } = this.#options;
    // The port is known only after it was opened, so visitors find the endpoint through this.
    const opened: { place?: TcpPlace } = {};
    const serve = (visitor: Duplex): void => {
      const endpoint = opened.place && routes.at({ place: opened.place, host });
      if (endpoint === undefined) visitor.reset();
      else onVisitor(visitor, endpoint);
    };
    const listening = listen((connection) => admit(connection, serve));
    if (listening === undefined) return undefined;
    if (this.#isStopping) listening.stopAccepting();
    opened.place = `tcp:${listening.port}`;
    this.#listeners.set(opened.place, listening);
    return opened.place;
  }
}
