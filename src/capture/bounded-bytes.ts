const FIRST_CAPACITY_BYTES = 256;

/** Collects pieces into one, up to a limit, and counts what is beyond. For one message after the other. */
export class BoundedBytes {
  readonly #limitBytes: number;
  #buffer: Uint8Array = NOTHING;
  #filled = 0;
  #passed = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** A view, good until the next call. */
  get kept(): Uint8Array {
    return this.#buffer.subarray(0, this.#filled);
  }

  /** What was added, kept or not. */
  get passedBytes(): number {
    return this.#passed;
  }

  /** Memory in use, filled or not. */
  get memoryBytes(): number {
    return this.#buffer.length;
  }

  /** `unseenBytes`: so many more belong to it that the caller does not have any more. */
  add(bytes: Uint8Array, unseenBytes = 0): void {
    this.#passed += bytes.length + unseenBytes;
    const taken = Math.min(bytes.length, this.#limitBytes - this.#filled);
    if (taken === 0) return;
    const needed = this.#filled + taken;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, FIRST_CAPACITY_BYTES, Math.min(2 * needed, this.#limitBytes)));
      larger.set(this.kept);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes.subarray(0, taken), this.#filled);
    this.#filled = needed;
  }

  /** Large room is given back. */
  clear(): void {
    if (this.#buffer.length > CLEARED_CAPACITY_BYTES) this.#buffer = NOTHING;
    this.#filled = 0;
    this.#passed = 0;
  }
}

const CLEARED_CAPACITY_BYTES = 4_096;
const NOTHING = new Uint8Array(0);
