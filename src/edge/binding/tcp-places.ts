/** The public TCP places that are listened on: each from its first endpoint to its last. Knows ports and who is in them. */
import { formatHostPort } from "../../base/host-port.ts";
import { PublicError } from "../../base/errors.ts";
import type { Duplex } from "../../net/duplex.ts";
import type { SocketDuplex } from "../../net/socket-duplex.ts";
import type { Listening } from "../../net/tcp-listen.ts";
import type { Endpoint } from "../endpoint.ts";
import { isTcpPlace, portOfPlace, type Routed, type RoutingTable, type TcpPlace } from "../routing-table.ts";
import type { TcpPorts } from "../tcp-ports.ts";

export interface TcpPlacesOptions {
  readonly tcpPorts: TcpPorts;
  /** By which the routing table knows TCP ports, whatever host a URL shows. */
  readonly tcpHost: string;
  readonly routes: RoutingTable<Endpoint>;
  /** Calls back, now or later, for a connection that may go on; others were reset. */
  readonly admit: (connection: SocketDuplex, serve: (visitor: Duplex) => void) => void;
  readonly onVisitor: (visitor: Duplex, endpoint: Endpoint) => void;
  /** Resolves when the other processes that listen here know what is online now. Absent: there are none. */
  readonly announced?: (() => Promise<void>) | undefined;
}

export class TcpPlaces {
  readonly #options: TcpPlacesOptions;
  readonly #listeners = new Map<TcpPlace, Listening>();
  /** Places without an endpoint that other processes may still listen at: who comes back finds them open. The newest wait of each counts. */
  readonly #leaving = new Map<TcpPlace, object>();
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
    const { place: wanted } = this.routed(port);
    if (this.#leaving.delete(wanted)) return wanted;
    const place = this.#keep((onVisitor) => this.#options.tcpPorts.open(port, onVisitor));
    if (place !== undefined) return place;
    throw new PublicError("ERR_NGROK_334", {
      url: `tcp://${formatHostPort({ host, port })}`,
      isOfAnotherProgram: true,
    });
  }

  /** Listens on any port that may be used, for an endpoint that comes next; `undefined` when there is none. */
  openAny(mayUse: (port: number) => boolean): TcpPlace | undefined {
    const place = this.#keep((onVisitor) => this.#options.tcpPorts.openAny(mayUse, onVisitor));
    return place ?? this.#leftPlace(mayUse);
  }

  /** An endpoint has left; behind the last one nobody listens any more. */
  closeIfEmpty({ place, host }: Routed): void {
    if (!isTcpPlace(place) || this.#options.routes.at({ place, host }) !== undefined) return;
    const { announced } = this.#options;
    if (announced === undefined) this.#close(place);
    else void this.#closeOnceAnnounced(place, announced);
  }

  /** No more visitors are taken, neither in the places that are open nor in those to come. */
  stopAccepting(): void {
    this.#isStopping = true;
    for (const listening of this.#listeners.values()) listening.stopAccepting();
  }

  #close(place: TcpPlace): void {
    this.#listeners.get(place)?.stopAccepting();
    this.#listeners.delete(place);
  }

  async #closeOnceAnnounced(place: TcpPlace, announced: () => Promise<void>): Promise<void> {
    const wait = {};
    this.#leaving.set(place, wait);
    // What is told is known at the end of this turn.
    await Promise.resolve();
    await announced();
    if (this.#leaving.get(place) !== wait) return;
    this.#leaving.delete(place);
    this.#close(place);
  }

  #leftPlace(mayUse: (port: number) => boolean): TcpPlace | undefined {
    const left = [...this.#leaving.keys()].find((place) => mayUse(portOfPlace(place)));
    if (left !== undefined) this.#leaving.delete(left);
    return left;
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
