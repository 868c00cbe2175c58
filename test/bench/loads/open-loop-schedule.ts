/**
 * When requests of a fixed rate are to start, whatever became of those before, and how long each took from then on. So an answer
 * that keeps others waiting counts for all of them. Without sockets; times are nanoseconds since any moment, and never go back.
 */

const NS_PER_SECOND = 1e9;

export class OpenLoopSchedule {
  readonly #total: number;
  readonly #nsBetween: number;
  readonly #tookNs: Float64Array;
  #started = 0;
  #answered = 0;

  /** The first is due at time 0. */
  constructor(requestsPerSecond: number, seconds: number) {
    this.#total = Math.max(1, Math.round(requestsPerSecond * seconds));
    this.#nsBetween = NS_PER_SECOND / requestsPerSecond;
    this.#tookNs = new Float64Array(this.#total);
  }

  /** When the next request is due; Infinity when all have started. */
  get nextDueNs(): number {
    return this.#started === this.#total ? Infinity : this.#started * this.#nsBetween;
  }

  /** The next request starts, late or not. Answers what it is timed from, for {@link answered}. */
  start(): number {
    return this.#started++ * this.#nsBetween;
  }

  answered(dueNs: number, nowNs: number): void {
    this.#tookNs[this.#answered++] = nowNs - dueNs;
  }

  get isComplete(): boolean {
    return this.#answered === this.#total;
  }

  get unanswered(): number {
    return this.#total - this.#answered;
  }

  /** Of all that were answered, in the order of the answers. */
  get tookNs(): Float64Array {
    return this.#tookNs.subarray(0, this.#answered);
  }
}
