const FIRST_BYTES = 1024;

/** Bytes in one piece. However small the pieces are in which they come, they take at most twice their size. */
export class GrowingBytes {
  readonly #mostBytes: number;
  #buffer = new Uint8Array(0);
  #length = 0;

  /** `mostBytes`: how many there will be at most; that many are never exceeded in memory. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Valid until more are added. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /** Copies them. False: they are more than there may be, and were not added. */
  add(bytes: Uint8Array): boolean {
    const length = this.#length + bytes.length;
    if (length > this.#mostBytes) return false;
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
    return true;
  }

  #grow(length: number): void {
    const larger = Math.max(FIRST_BYTES, length, this.#buffer.length * 2);
    const grown = new Uint8Array(Math.min(larger, this.#mostBytes));
    grown.set(this.bytes);
    this.#buffer = grown;
  }
}
