/** The range of public ports that TCP endpoints live on. */
import { UsageError } from "../base/errors.ts";
import type { PortRange } from "../model/port-range.ts";
import type { OnFault } from "../net/faults.ts";
import type { SocketDuplex } from "../net/socket-duplex.ts";
import { type Listening, listenTcp, type PortSharing } from "../net/tcp-listen.ts";

/** Nothing but the kernel notices that a visitor who says nothing has gone without a word. */
export const KEEP_ALIVE_MS = 60_000;

export interface TcpPortsOptions {
  readonly ports: PortRange;
  /** The address to listen on. */
  readonly hostname: string;
  /** With other processes of the edge. */
  readonly sharing?: PortSharing | undefined;
}

export class TcpPorts {
  readonly #ports: PortRange;
  readonly #address: { readonly hostname: string; readonly sharing: PortSharing | undefined };
  readonly #onFault: OnFault;

  /** Without options there are no ports. */
  constructor(options: TcpPortsOptions | undefined, onFault: OnFault) {
    this.#ports = options?.ports ?? { first: 1, last: 0 };
    this.#address = { hostname: options?.hostname ?? "", sharing: options?.sharing };
    this.#onFault = onFault;
  }

  /** For people. */
  get text(): string {
    const { first, last } = this.#ports;
    return first > last ? "(none)" : `${first}-${last}`;
  }

  contains(port: number): boolean {
    return port >= this.#ports.first && port <= this.#ports.last;
  }

  /** Listens on this port; `undefined` when another program has it. */
  open(port: number, onVisitor: (connection: SocketDuplex) => void): Listening | undefined {
    try {
      return listenTcp({ ...this.#address, port }, onVisitor, { onFault: this.#onFault, keepAliveMs: KEEP_ALIVE_MS });
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  }

  /** Listens on a random port of the range that is free and that `mayUse` allows; `undefined` when there is none. */
  openAny(mayUse: (port: number) => boolean, onVisitor: (connection: SocketDuplex) => void): Listening | undefined {
    const { first, last } = this.#ports;
    const size = last - first + 1;
    const start = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    for (let step = 0; step < size; step += 1) {
      const port = first + ((start + step) % size);
      const listening = mayUse(port) ? this.open(port, onVisitor) : undefined;
      if (listening !== undefined) return listening;
    }
    return undefined;
  }
}
