import { ptr } from "bun:ffi";
import { closeSync } from "node:fs";
import { errno, libc } from "./libc.ts";

/** sys/epoll.h */
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
/** The kernel packs the event on x86-64 alone. */
const EVENT_BYTES = process.arch === "x64" ? 12 : 16;
const DATA_AT = EVENT_BYTES - 8;

const NS_PER_SECOND = 1e9;

/**
 * Waits for several descriptors to have something to read, or an end. Blocks the thread. Costs what is ready, not what is watched, and
 * makes no garbage.
 */
export class ReadWait implements Disposable {
  readonly #descriptor: number;
  readonly #count: number;
  readonly #events: DataView;
  readonly #eventsAddress: number;
  /** A timespec, in halves: no bigint for each wait. */
  readonly #timeout = new Uint32Array(new ArrayBuffer(16));
  readonly #timeoutAddress = ptr(this.#timeout);

  constructor(descriptors: readonly number[]) {
    this.#descriptor = libc.epoll_create1(0);
    this.#count = descriptors.length;
    const event = new DataView(new ArrayBuffer(EVENT_BYTES));
    event.setUint32(0, EPOLLIN, true);
    for (const [index, descriptor] of descriptors.entries()) {
      event.setUint32(DATA_AT, index, true);
      if (libc.epoll_ctl(this.#descriptor, EPOLL_CTL_ADD, descriptor, ptr(event)) < 0) {
        const complaint = `descriptor ${descriptor} cannot be waited for: errno ${errno()}`;
        closeSync(this.#descriptor);
        throw new Error(complaint);
      }
    }
    const events = new Uint8Array(new ArrayBuffer(this.#count * EVENT_BYTES));
    this.#events = new DataView(events.buffer);
    this.#eventsAddress = ptr(events);
  }

  /** Infinity: for as long as it takes. Answers how many are ready: {@link ready}. Less than one: none, or a signal came. */
  forAtMost(ns: number): number {
    if (ns === Infinity) return libc.epoll_pwait2(this.#descriptor, this.#eventsAddress, this.#count, null, null);
    this.#timeout[0] = Math.floor(ns / NS_PER_SECOND);
    this.#timeout[2] = Math.floor(ns % NS_PER_SECOND);
    return libc.epoll_pwait2(this.#descriptor, this.#eventsAddress, this.#count, this.#timeoutAddress, null);
  }

  /** Index of one of those that were ready at the end of the last wait; `nth` counts from 0. */
  ready(nth: number): number {
    return this.#events.getUint32(nth * EVENT_BYTES + DATA_AT, true);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}
