const FIRST_BUFFER_BYTES = 1024;

/**
 * Collects the pieces of something small. Its buffer doubles: a stranger who sends single bytes must make us neither hold an
 * object per byte nor copy everything for each one. The caller bounds the size.
 */
export class ByteCollector {
  #buffer = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Uint8Array): void {
    const needed = this.#length + piece.length;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2, FIRST_BUFFER_BYTES));
      grown.set(this.bytes());
      this.#buffer = grown;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = needed;
  }

  /** A view that is good until the next `append`. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }
}
