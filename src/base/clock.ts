/** The time, and waking up later, as an argument: tests bring a clock that they move by hand. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. For durations and deadlines. */
  nowMs(): number;
  /** Wall clock, for what people read. */
  date(): Date;
  /** Calls `wake` once after `delayMs`; the answer cancels it. A pending timer keeps the process alive. */
  after(delayMs: number, wake: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  date: () => new Date(),
  after: (delayMs, wake) => {
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  },
};
