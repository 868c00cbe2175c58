import type { Clock } from "../../base/clock.ts";
import type { CloseCause, Duplex, DuplexHandler } from "../../net/duplex.ts";
import type { TrafficMeters } from "../../telemetry/traffic-meters.ts";

/** A visitor's connection that is counted, with its bytes both ways, from now until it closes. Changes nothing else. */
export class MeteredConnection implements Duplex, DuplexHandler {
  /** Kept: a connection that has closed does not know it any more. */
  readonly remoteAddress: string;
  readonly localAddress?: string;
  readonly #connection: Duplex;
  readonly #meters: TrafficMeters;
  readonly #clock: Clock;
  readonly #openedMs: number;
  #handler: DuplexHandler | undefined;
  #isClosed = false;

  /** `readBytes`: how many were taken from the connection before. */
  constructor(connection: Duplex, readBytes: number, meters: TrafficMeters, clock: Clock) {
    this.remoteAddress = connection.remoteAddress;
    if (connection.localAddress !== undefined) this.localAddress = connection.localAddress;
    this.#connection = connection;
    this.#meters = meters;
    this.#clock = clock;
    this.#openedMs = clock.nowMs();
    meters.conns.opened(this.#openedMs);
    meters.received(readBytes);
  }

  listen(handler: DuplexHandler): void {
    this.#handler = handler;
    this.#connection.listen(this);
  }

  write(bytes: Uint8Array): boolean {
    this.#meters.sent(bytes.length);
    return this.#connection.write(bytes);
  }

  end(): void {
    this.#connection.end();
  }

  reset(code?: number): void {
    this.#connection.reset(code);
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  onData(bytes: Uint8Array): void {
    this.#meters.received(bytes.length);
    this.#handler?.onData(bytes);
  }

  onDrain(): void {
    this.#handler?.onDrain();
  }

  onEnd(): void {
    this.#handler?.onEnd();
  }

  /** Those who listen later are told too; it is counted once. */
  onClose(cause: CloseCause | undefined): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      const nowMs = this.#clock.nowMs();
      this.#meters.conns.closed(nowMs - this.#openedMs, nowMs);
    }
    this.#handler?.onClose(cause);
  }
}
