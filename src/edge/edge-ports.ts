import type { Duplex } from "../net/duplex.ts";
import type { OnFault } from "../net/faults.ts";
import type { SocketDuplex } from "../net/socket-duplex.ts";
import { type Listening, listenTcp, type PortSharing } from "../net/tcp-listen.ts";
import type { PublicPorts } from "./binding/shown-url.ts";
import { KEEP_ALIVE_MS } from "./tcp-ports.ts";

/** Port 0 lets the system choose one. */
export interface ListenAddress {
  readonly hostname: string;
  readonly port: number;
  /** With other processes of the edge. */
  readonly sharing?: PortSharing | undefined;
}

export type EdgePortName = "http" | "https" | "agents";

export interface EdgePortsOptions {
  /** Each may be left out. */
  readonly listen: Readonly<Partial<Record<EdgePortName, ListenAddress | undefined>>>;
  /** Where they are not those listened on. */
  readonly publicPorts: PublicPorts;
  /** What becomes of a connection of each port. */
  readonly accept: Readonly<Record<EdgePortName, (visitor: Duplex) => void>>;
  /** Calls back, now or later, for a connection that may go on; others were reset. */
  readonly admit: (connection: SocketDuplex, serve: (visitor: Duplex) => void) => void;
  readonly onFault: OnFault;
}

/** The ports that the edge listens on, whatever endpoints there are; those of tcp endpoints come and go with them. */
export class EdgePorts {
  readonly #options: EdgePortsOptions;
  readonly #listening: Partial<Record<EdgePortName, Listening>> = {};

  constructor(options: EdgePortsOptions) {
    this.#options = options;
  }

  /** Once. `chosen`: where the ports given may be any. @throws UsageError when a port cannot be had; then none is kept. */
  open(chosen: Readonly<Partial<Record<EdgePortName, number>>> = {}): void {
    const { listen, accept, admit, onFault } = this.#options;
    try {
      for (const name of ["http", "https", "agents"] as const) {
        const wanted = listen[name];
        if (wanted === undefined) continue;
        const address = { ...wanted, port: wanted.port || (chosen[name] ?? 0) };
        const onConnection = (connection: SocketDuplex): void => admit(connection, accept[name]);
        this.#listening[name] = listenTcp(address, onConnection, { onFault, keepAliveMs: KEEP_ALIVE_MS });
      }
    } catch (error) {
      for (const listening of Object.values(this.#listening)) listening.close();
      throw error;
    }
  }

  /** `undefined` where nobody listens. */
  port(name: EdgePortName): number | undefined {
    return this.#listening[name]?.port;
  }

  /** Those that visitors use, which URLs show. */
  get public(): PublicPorts {
    const { http, https } = this.#options.publicPorts;
    return { http: http ?? this.port("http"), https: https ?? this.port("https") };
  }

  stopAccepting(): void {
    for (const listening of Object.values(this.#listening)) listening.stopAccepting();
  }
}
