import { ByteQueue, unpinned } from "../base/byte-queue.ts";

/** What takes bytes now: the count taken, less than `length` when full, negative when closed. */
export interface ByteSink {
  write(bytes: Uint8Array, offset: number, length: number): number;
}

/**
 * Bytes that the kernel did not take yet, in order. It has no limit of its own: `write` answered false, so what it can
 * hold is bounded by the producer, which pauses.
 */
export class UnsentQueue {
  readonly #waiting = new ByteQueue();
  /** The chunk under way, of which `#sent` bytes are gone. */
  #current: Uint8Array;
  #sent = 0;

  /** Starts with a chunk of which the kernel took the first `sent` bytes. */
  constructor(chunk: Uint8Array, sent: number) {
    this.#current = unpinned(chunk.subarray(sent));
  }

  get bytes(): number {
    return this.#current.length - this.#sent + this.#waiting.bytes;
  }

  /** Keeps `bytes`, which the caller must not change. */
  push(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
  }

  /** Hands on as much as `sink` takes and answers how much that was; negative when the sink is closed. */
  flush(sink: ByteSink): number {
    let flushed = 0;
    for (;;) {
      const left = this.#current.length - this.#sent;
      const taken = sink.write(this.#current, this.#sent, left);
      if (taken < 0) return -1;
      flushed += taken;
      this.#sent += taken;
      if (taken < left) return flushed;
      const next = this.#waiting.shift();
      if (next === undefined) return flushed;
      this.#current = next;
      this.#sent = 0;
    }
  }
}
