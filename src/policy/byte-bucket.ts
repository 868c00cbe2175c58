/** How much may be had at once, as a part of what may be had in a second. */
const BURST_SECONDS = 0.1;
/** Waiting for less would wake somebody for every byte. */
const STEP_SECONDS = 0.02;

/**
 * A token bucket of bytes. Over any time no more than rate times time, and {@link BURST_SECONDS} of the rate beside it, is
 * had; never less where somebody always wants more.
 */
export class ByteBucket {
  #bytesPerSecond: number;
  #bytes: number;
  #atMs: number;

  /** Full at first. */
  constructor(bytesPerSecond: number, nowMs: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#bytes = this.#capacity;
    this.#atMs = nowMs;
  }

  /** From now on; what is there stays, up to what then fits. */
  setRate(bytesPerSecond: number, nowMs: number): void {
    if (bytesPerSecond === this.#bytesPerSecond) return;
    this.#fill(nowMs);
    this.#bytesPerSecond = bytesPerSecond;
    this.#bytes = Math.min(this.#bytes, this.#capacity);
  }

  /** Whole bytes that may be had now; not below 0. */
  available(nowMs: number): number {
    this.#fill(nowMs);
    return Math.max(0, Math.floor(this.#bytes));
  }

  /** May be more than there are: then that many are owed. */
  take(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Until there is something worth waking for; Infinity where nothing will ever come. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs);
    const missing = Math.max(1, this.#bytesPerSecond * STEP_SECONDS) - this.#bytes;
    return missing <= 0 ? 0 : Math.ceil((missing / this.#bytesPerSecond) * 1000);
  }

  get #capacity(): number {
    return Math.max(1, this.#bytesPerSecond * BURST_SECONDS);
  }

  #fill(nowMs: number): void {
    const seconds = Math.max(0, nowMs - this.#atMs) / 1000;
    this.#bytes = Math.min(this.#capacity, this.#bytes + seconds * this.#bytesPerSecond);
    this.#atMs = nowMs;
  }
}
