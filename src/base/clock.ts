/** The time, and waking up later, as an argument: tests bring a clock that they move by hand. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. For durations and deadlines. */
  nowMs(): number;
  /** Wall clock, for what people read. */
  date(): Date;
  /** Calls `wake` once after `delayMs`; the answer cancels it. A pending timer keeps the process alive. */
  after(delayMs: number, wake: () => void): () => void;
}

/** The runtime would wake at once from what does not fit into 32 bits: 24.8 days have to do. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  date: () => new Date(),
  after: (delayMs, wake) => {
    const timer = setTimeout(wake, Math.min(delayMs, LONGEST_DELAY_MS));
    return () => clearTimeout(timer);
  },
};
