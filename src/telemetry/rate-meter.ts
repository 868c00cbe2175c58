/** Rates of 1, 5 and 15 minutes, per second (reference.md 3.3), exponentially weighted as the load averages of Unix are. */

const TICK_MS = 5_000;
const TICK_SECONDS = TICK_MS / 1_000;
/** What is left of an old rate after a tick. */
const KEPT_1 = Math.exp(-TICK_SECONDS / 60);
const KEPT_5 = Math.exp(-TICK_SECONDS / 300);
const KEPT_15 = Math.exp(-TICK_SECONDS / 900);

/** Events per second. */
export interface Rates {
  readonly rate1: number;
  readonly rate5: number;
  readonly rate15: number;
}

/**
 * Counts events. The first five seconds set all three rates, and until they are over the rates are 0. There is no timer: the
 * ticks that are due are made up for when the meter is used, in constant time. Time that goes back is taken for a new start
 * of the tick under way; rates are finite and never negative.
 */
export class RateMeter {
  #count = 0;
  /** Events of the tick under way. */
  #uncounted = 0;
  #tickedMs: number;
  #hasTicked = false;
  #rate1 = 0;
  #rate5 = 0;
  #rate15 = 0;

  constructor(nowMs: number) {
    this.#tickedMs = nowMs;
  }

  /** Events so far. */
  get count(): number {
    return this.#count;
  }

  /** One event. */
  mark(nowMs: number): void {
    this.#advance(nowMs);
    this.#count++;
    this.#uncounted++;
  }

  rates(nowMs: number): Rates {
    this.#advance(nowMs);
    return { rate1: this.#rate1, rate5: this.#rate5, rate15: this.#rate15 };
  }

  #advance(nowMs: number): void {
    const elapsedMs = nowMs - this.#tickedMs;
    if (elapsedMs < 0) this.#tickedMs = nowMs;
    if (!(elapsedMs >= TICK_MS)) return;
    const ticks = Math.floor(elapsedMs / TICK_MS);
    this.#tickedMs += ticks * TICK_MS;
    const rate = this.#uncounted / TICK_SECONDS;
    // Nothing happened in the ticks after the first one, or they would have been made up for then.
    this.#rate1 = this.#weighted(this.#rate1, rate, KEPT_1) * KEPT_1 ** (ticks - 1);
    this.#rate5 = this.#weighted(this.#rate5, rate, KEPT_5) * KEPT_5 ** (ticks - 1);
    this.#rate15 = this.#weighted(this.#rate15, rate, KEPT_15) * KEPT_15 ** (ticks - 1);
    this.#uncounted = 0;
    this.#hasTicked = true;
  }

  #weighted(old: number, current: number, kept: number): number {
    return this.#hasTicked ? old * kept + current * (1 - kept) : current;
  }
}
