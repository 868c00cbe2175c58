/**
 * Carries a connection of any kind through a kernel socket of this process, for what only a kernel socket can do: Bun's TLS.
 * node:tls over a stream would need no socket, but in Bun 1.4.5 it has no back-pressure and no half-close.
 */
import { systemClock } from "../base/clock.ts";
import type { CloseCause, Duplex, DuplexHandler } from "./duplex.ts";
import { LINGER_MS } from "./linger.ts";
import type { SocketDuplex, SocketOptions } from "./socket-duplex.ts";
import { splice } from "./splice.ts";
import { dialTcp } from "./tcp-dial.ts";
import { listenTcp } from "./tcp-listen.ts";

const LOOPBACK = "127.0.0.1";
const LOOP_TIMEOUT_MS = 5_000;

export interface SocketLoop {
  /** Where the bytes of the carried connection come out. */
  readonly inner: SocketDuplex;
  /**
   * A connection on top of `inner` whose address, resets and causes are those of the carried connection: its reset codes
   * do not pass through a kernel socket.
   */
  wrap(upper: Duplex): Duplex;
  /** Nothing will stand on top of `inner`, which is closed: what it sent leaves, then the carried connection is cut. */
  abandon(): void;
}

/** Takes `carried` over. */
export async function loopThroughSocket(carried: Duplex, options: SocketOptions): Promise<SocketLoop> {
  carried.pause();
  const [near, inner] = await socketPair(options).catch((cause: unknown) => {
    carried.reset();
    throw cause;
  });
  const causes: CarriedCause = { value: undefined };
  splice(carried, near, {
    onDone: (cause) => {
      causes.value = cause;
    },
  });
  return {
    inner,
    wrap: (upper) => new CarriedUpper(upper, carried, causes),
    abandon: () => void (options.clock ?? systemClock).after(LINGER_MS, () => carried.reset()),
  };
}

/** Both ends of a loopback connection. Others on this machine could reach the port for a moment: they are cut. */
async function socketPair(options: SocketOptions): Promise<readonly [SocketDuplex, SocketDuplex]> {
  const { promise, resolve } = Promise.withResolvers<SocketDuplex>();
  const arrived: SocketDuplex[] = [];
  let wanted: string | undefined;
  const pick = (): void => {
    if (wanted === undefined) return;
    for (const connection of arrived.splice(0)) {
      if (connection.remoteAddress === wanted) resolve(connection);
      else connection.reset();
    }
  };
  const accept = (connection: SocketDuplex): void => {
    arrived.push(connection);
    pick();
  };
  const listening = listenTcp({ hostname: LOOPBACK, port: 0 }, accept, options);
  try {
    const target = { host: LOOPBACK, port: listening.port };
    const dialled = await dialTcp(target, { ...options, clock: systemClock, timeoutMs: LOOP_TIMEOUT_MS });
    wanted = dialled.localAddress;
    pick();
    return [dialled, await promise];
  } finally {
    listening.stopAccepting();
  }
}

interface CarriedCause {
  value: CloseCause | undefined;
}

class CarriedUpper implements Duplex {
  readonly remoteAddress: string;
  readonly #upper: Duplex;
  readonly #carried: Duplex;
  readonly #carriedCause: CarriedCause;

  constructor(upper: Duplex, carried: Duplex, carriedCause: CarriedCause) {
    this.remoteAddress = carried.remoteAddress;
    this.#upper = upper;
    this.#carried = carried;
    this.#carriedCause = carriedCause;
  }

  listen(handler: DuplexHandler): void {
    this.#upper.listen({
      onData: (bytes) => handler.onData(bytes),
      onDrain: () => handler.onDrain(),
      onEnd: () => handler.onEnd(),
      onClose: (cause) => handler.onClose(cause === undefined ? undefined : (this.#carriedCause.value ?? cause)),
    });
  }

  write(bytes: Uint8Array): boolean {
    return this.#upper.write(bytes);
  }

  end(): void {
    this.#upper.end();
  }

  reset(code?: number): void {
    this.#carried.reset(code);
    this.#upper.reset();
  }

  pause(): void {
    this.#upper.pause();
  }

  resume(): void {
    this.#upper.resume();
  }
}
