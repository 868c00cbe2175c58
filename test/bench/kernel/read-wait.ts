import { ptr } from "bun:ffi";
import { libc } from "./libc.ts";

/** poll.h */
const POLLIN = 1;
const POLLFD_BYTES = 8;
const EVENTS_AT = 4;
const HAPPENED_AT = 6;

const NS_PER_SECOND = 1e9;

/** Waits for several descriptors to have something to read, or an end. Blocks the thread. */
export class ReadWait {
  readonly #polled: Buffer;
  readonly #count: number;
  readonly #timeout = new BigInt64Array(new ArrayBuffer(16));

  constructor(descriptors: readonly number[]) {
    this.#count = descriptors.length;
    this.#polled = Buffer.from(new ArrayBuffer(this.#count * POLLFD_BYTES));
    for (const [index, descriptor] of descriptors.entries()) {
      this.#polled.writeInt32LE(descriptor, index * POLLFD_BYTES);
      this.#polled.writeInt16LE(POLLIN, index * POLLFD_BYTES + EVENTS_AT);
    }
  }

  /** Infinity: for as long as it takes. Answers how many are ready. */
  forAtMost(ns: number): number {
    if (ns === Infinity) return libc.ppoll(ptr(this.#polled), this.#count, null, null);
    this.#timeout[0] = BigInt(Math.floor(ns / NS_PER_SECOND));
    this.#timeout[1] = BigInt(Math.floor(ns % NS_PER_SECOND));
    return libc.ppoll(ptr(this.#polled), this.#count, ptr(this.#timeout), null);
  }

  /** Whether the descriptor with this index was ready at the end of the last wait. */
  isReady(index: number): boolean {
    return this.#polled.readInt16LE(index * POLLFD_BYTES + HAPPENED_AT) !== 0;
  }
}
