/** Hears a Duplex, remembers everything in order, and lets a test wait for an event in place of a time. */
import type { CloseCause, Duplex, DuplexHandler } from "../../src/net/duplex.ts";

/** How a test ends when what it waits for never comes: below bun's usual deadline, so that the message names it. */
export const USUAL_PATIENCE_MS = 4_000;

interface Waiter {
  readonly holds: () => boolean;
  readonly wake: () => void;
}

export class RecordingListener implements DuplexHandler {
  /** `data` (adjacent ones count once), `drain`, `end`, `close`. */
  readonly events: string[] = [];
  bytesHeard = 0;
  drains = 0;
  hasEnded = false;
  isClosed = false;
  cause: CloseCause | undefined;
  /** Called with every chunk, after it was counted. */
  onBytes: (bytes: Uint8Array) => void = () => {};
  readonly #chunks: Uint8Array[] = [];
  readonly #patienceMs: number;
  #waiters: Waiter[] = [];

  /** A test with another deadline than the usual one says how long to wait: a busy machine may need all of it. */
  constructor(duplex?: Duplex, patienceMs: number = USUAL_PATIENCE_MS) {
    this.#patienceMs = patienceMs;
    duplex?.listen(this);
  }

  onData(bytes: Uint8Array): void {
    if (bytes.length === 0) this.events.push("empty data");
    if (this.events.at(-1) !== "data") this.events.push("data");
    this.bytesHeard += bytes.length;
    this.#chunks.push(bytes);
    this.onBytes(bytes);
    this.#look();
  }

  onDrain(): void {
    this.events.push("drain");
    this.drains += 1;
    this.#look();
  }

  onEnd(): void {
    this.events.push("end");
    this.hasEnded = true;
    this.#look();
  }

  onClose(cause: CloseCause | undefined): void {
    this.events.push("close");
    this.isClosed = true;
    this.cause = cause;
    this.#look();
  }

  /** All bytes heard so far. */
  get heard(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.heard.toString("latin1");
  }

  /** Resolves when the claim holds, now or after a coming event; rejects, naming what was heard, when it never does. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`still waiting; heard ${this.bytesHeard} bytes, ${this.events.join(", ")}`)),
        this.#patienceMs,
      );
      this.#waiters.push({
        holds,
        wake: () => {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  }

  #look(): void {
    const ready = this.#waiters.filter((waiter) => waiter.holds());
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const waiter of ready) waiter.wake();
  }
}
