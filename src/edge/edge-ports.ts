import type { Duplex } from "../net/duplex.ts";
import type { OnFault } from "../net/faults.ts";
import type { SocketDuplex } from "../net/socket-duplex.ts";
import { type ListenAddress, type Listening, listenTcp } from "../net/tcp-listen.ts";
import type { PublicPorts } from "./binding/shown-url.ts";
import { KEEP_ALIVE_MS } from "./tcp-ports.ts";

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
  readonly #publicPorts: PublicPorts;
  readonly #listening: Partial<Record<EdgePortName, Listening>> = {};

  /** @throws UsageError when a port cannot be had; then none is kept. */
  constructor({ listen, publicPorts, accept, admit, onFault }: EdgePortsOptions) {
    this.#publicPorts = publicPorts;
    try {
      for (const name of ["http", "https", "agents"] as const) {
        const address = listen[name];
        if (address === undefined) continue;
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
    const { http, https } = this.#publicPorts;
    return { http: http ?? this.port("http"), https: https ?? this.port("https") };
  }

  stopAccepting(): void {
    for (const listening of Object.values(this.#listening)) listening.stopAccepting();
  }
}
