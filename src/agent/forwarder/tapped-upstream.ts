import type { ExchangeTap } from "../../capture/exchange-tap.ts";
import type { Duplex, DuplexHandler } from "../../net/duplex.ts";
import type { TapQueue } from "./tap-queue.ts";

/** An upstream connection that shows a tap what passes, a little later. Hands everything on unchanged and at once. */
export class TappedUpstream implements Duplex {
  readonly remoteAddress: string;
  readonly localAddress?: string;
  readonly writeNow?: NonNullable<Duplex["writeNow"]>;
  readonly #connection: Duplex;
  readonly #tap: ExchangeTap;
  readonly #queue: TapQueue;

  constructor(connection: Duplex, tap: ExchangeTap, queue: TapQueue) {
    this.remoteAddress = connection.remoteAddress;
    if (connection.localAddress !== undefined) this.localAddress = connection.localAddress;
    if (connection.writeNow !== undefined) {
      this.writeNow = (bytes, offset, length) => {
        const taken = connection.writeNow?.(bytes, offset, length) ?? 0;
        if (taken > 0) queue.add(tap, "visitor", bytes.subarray(offset, offset + taken));
        return taken;
      };
    }
    this.#connection = connection;
    this.#tap = tap;
    this.#queue = queue;
  }

  listen(handler: DuplexHandler): void {
    this.#connection.listen({
      // First the tap: what the handler does next may belong to the next exchange.
      onData: (bytes) => {
        this.#queue.add(this.#tap, "upstream", bytes);
        handler.onData(bytes);
      },
      onDrain: () => handler.onDrain(),
      onEnd: () => {
        this.#queue.flush();
        this.#tap.upstreamEnded();
        handler.onEnd();
      },
      onClose: (cause) => {
        this.#queue.flush();
        this.#tap.closed(cause === undefined ? "both" : "upstream");
        handler.onClose(cause);
      },
    });
  }

  write(bytes: Uint8Array): boolean {
    const hasRoom = this.#connection.write(bytes);
    this.#queue.add(this.#tap, "visitor", bytes);
    return hasRoom;
  }

  end(): void {
    this.#connection.end();
    this.#queue.flush();
    this.#tap.visitorEnded();
  }

  /** Whoever forwards gives up for the visitor's sake, or because of what the tap has seen already. */
  reset(code?: number): void {
    this.#connection.reset(code);
    this.#queue.flush();
    this.#tap.closed("visitor");
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }
}
