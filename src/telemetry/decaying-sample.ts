/**
 * A sample of bounded size in which recent values count more: forward decay (Cormode, Shkapenyuk, Srivastava, Xu 2009) with
 * the priority of each value kept as a logarithm, which never overflows and so never has to be scaled down.
 */

/** With this size a percentile is within 5 % of the true rank, at a confidence of 99.9 %. */
const SAMPLE_SIZE = 1028;
/** Per second. Favours the last five minutes. */
const DECAY = 0.015;

/** What can be asked of a sample. */
export interface SampleOfValues {
  /** Values so far, also those that the sample has let go. */
  readonly count: number;
  /** Of all values so far. */
  readonly sum: number;
  /**
   * The values below which these shares, from 0 to 1, of the sample lie; between two values in proportion. 0 for an empty
   * sample.
   */
  percentiles(shares: readonly number[]): readonly number[];
}

export class DecayingSample implements SampleOfValues {
  readonly #random: () => number;
  /** A heap, the lowest priority on top. Made with the first value: most tunnels see no HTTP, or no visitor at all. */
  #priorities = new Float64Array(0);
  #values = new Float64Array(0);
  #size = 0;
  #count = 0;
  #sum = 0;
  #latestMs = Number.NEGATIVE_INFINITY;
  /** What the clock has gone back in all. */
  #lostMs = 0;

  /** `random` answers in [0, 1). */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** A value that is not finite is left out. Time that goes back is taken for no time at all. */
  add(value: number, nowMs: number): void {
    if (!Number.isFinite(value)) return;
    this.#count++;
    this.#sum += value;
    const priority = DECAY * (this.#steadyMs(nowMs) / 1_000) - Math.log(1 - this.#random());
    if (this.#size < SAMPLE_SIZE) this.#insert(value, priority);
    else if (priority > at(this.#priorities, 0)) this.#sink(0, value, priority);
  }

  percentiles(shares: readonly number[]): readonly number[] {
    const sorted = this.#values.slice(0, this.#size).sort();
    return shares.map((share) => percentile(sorted, share));
  }

  #steadyMs(nowMs: number): number {
    if (nowMs < this.#latestMs) this.#lostMs += this.#latestMs - nowMs;
    this.#latestMs = nowMs;
    return nowMs + this.#lostMs;
  }

  #insert(value: number, priority: number): void {
    if (this.#size === 0) {
      this.#priorities = new Float64Array(SAMPLE_SIZE);
      this.#values = new Float64Array(SAMPLE_SIZE);
    }
    let place = this.#size++;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (at(this.#priorities, parent) <= priority) break;
      this.#put(place, at(this.#values, parent), at(this.#priorities, parent));
      place = parent;
    }
    this.#put(place, value, priority);
  }

  /** Replaces what is at `place`. */
  #sink(from: number, value: number, priority: number): void {
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && at(this.#priorities, child + 1) < at(this.#priorities, child)) child++;
      if (at(this.#priorities, child) >= priority) break;
      this.#put(place, at(this.#values, child), at(this.#priorities, child));
      place = child;
    }
    this.#put(place, value, priority);
  }

  #put(place: number, value: number, priority: number): void {
    this.#values[place] = value;
    this.#priorities[place] = priority;
  }
}

function percentile(sorted: Float64Array, share: number): number {
  const rank = share * (sorted.length + 1) - 1;
  const below = Math.max(0, Math.min(Math.floor(rank), sorted.length - 1));
  const above = Math.min(below + 1, sorted.length - 1);
  const part = Math.max(0, Math.min(rank - below, 1));
  return at(sorted, below) + part * (at(sorted, above) - at(sorted, below));
}

function at(numbers: Float64Array, index: number): number {
  return numbers[index] ?? 0;
}
