const FIRST_CAPACITY = 256;

/**
 * A growing list of 32-bit whole numbers in 4 bytes each. Trees of bodies have up to a million rows; as objects these would
 * cost a page some hundred bytes a row.
 */
export class IntColumn {
  #values = new Int32Array(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Int32Array(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  /** 0 for an index outside the list. */
  at(index: number): number {
    return index < this.#length ? (this.#values[index] ?? 0) : 0;
  }

  set(index: number, value: number): void {
    if (index < this.#length) this.#values[index] = value;
  }

  /** Forgets what stands at `length` and behind. */
  cut(length: number): void {
    this.#length = Math.min(this.#length, length);
  }
}
