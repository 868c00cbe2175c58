import type { ExchangeTap } from "../../capture/exchange-tap.ts";
import type { Duplex, DuplexHandler } from "../../net/duplex.ts";

/** An upstream connection that shows a tap what passes. Hands everything on unchanged and at once. */
export class TappedUpstream implements Duplex {
  readonly remoteAddress: string;
  readonly localAddress?: string;
  readonly writeNow?: NonNullable<Duplex["writeNow"]>;
  readonly #connection: Duplex;
  readonly #tap: ExchangeTap;

  constructor(connection: Duplex, tap: ExchangeTap) {
    this.remoteAddress = connection.remoteAddress;
    if (connection.localAddress !== undefined) this.localAddress = connection.localAddress;
    if (connection.writeNow !== undefined) {
      this.writeNow = (bytes, offset, length) => {
        const taken = connection.writeNow?.(bytes, offset, length) ?? 0;
        if (taken > 0) tap.fromVisitor(bytes.subarray(offset, offset + taken));
        return taken;
      };
    }
    this.#connection = connection;
    this.#tap = tap;
  }

  listen(handler: DuplexHandler): void {
    this.#connection.listen({
      // First the tap: what the handler does next may belong to the next exchange.
      onData: (bytes) => {
        this.#tap.fromUpstream(bytes);
        handler.onData(bytes);
      },
      onDrain: () => handler.onDrain(),
      onEnd: () => {
        this.#tap.upstreamEnded();
        handler.onEnd();
      },
      onClose: (cause) => {
        this.#tap.closed(cause === undefined ? "both" : "upstream");
        handler.onClose(cause);
      },
    });
  }

  write(bytes: Uint8Array): boolean {
    const hasRoom = this.#connection.write(bytes);
    this.#tap.fromVisitor(bytes);
    return hasRoom;
  }

  end(): void {
    this.#connection.end();
    this.#tap.visitorEnded();
  }

  /** Whoever forwards gives up for the visitor's sake, or because of what the tap has seen already. */
  reset(code?: number): void {
    this.#connection.reset(code);
    this.#tap.closed("visitor");
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }
}
