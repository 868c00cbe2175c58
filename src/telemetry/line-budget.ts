/** How many lines of one kind strangers may cause. Lines are dropped and counted beyond that, never kept. */
export class LineBudget {
  readonly #maxLines: number;
  readonly #windowMs: number;
  #windowEndsMs = -Infinity;
  #lines = 0;
  #leftOut = 0;

  constructor({ maxLines, windowMs }: { readonly maxLines: number; readonly windowMs: number }) {
    this.#maxLines = maxLines;
    this.#windowMs = windowMs;
  }

  /** Undefined: no line now; else how many were left out since the last one. */
  take(nowMs: number): number | undefined {
    if (nowMs >= this.#windowEndsMs) {
      this.#windowEndsMs = nowMs + this.#windowMs;
      this.#lines = 0;
    }
    if (this.#lines >= this.#maxLines) {
      this.#leftOut += 1;
      return undefined;
    }
    this.#lines += 1;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }
}
