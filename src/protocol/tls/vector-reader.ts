import { ProtocolError } from "../../base/errors.ts";
import { readLatin1 } from "../http1/latin1.ts";

/**
 * Walks the presentation language of TLS (RFC 8446 section 3): numbers in network order and vectors that carry their
 * own length. Reads in place; every slice shares memory with the bytes it was made from.
 */
export class VectorReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #position = 0;

  /** `what` names the structure in errors. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  /**
   * Passes over bytes that nobody wants to see, and makes no slice of them.
   * @throws ProtocolError when fewer than `length` bytes are left.
   */
  skip(length: number): void {
    if (this.#bytes.length - this.#position < length) throw new ProtocolError(`${this.#what} ends too early`);
    this.#position += length;
  }

  /** An unsigned number of `width` bytes. */
  number(width: 1 | 2 | 3): number {
    const start = this.#position;
    this.skip(width);
    let value = 0;
    for (let at = start; at < this.#position; at++) value = value * 256 + (this.#bytes[at] ?? 0);
    return value;
  }

  /** A vector whose length field has `width` bytes and whose content has at least `minimum` bytes. */
  vector(width: 1 | 2 | 3, minimum = 0): Uint8Array {
    const length = this.skipVector(width, minimum);
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  /** Such a vector as text, one character per byte. */
  text(width: 1 | 2 | 3, minimum = 0): string {
    const length = this.skipVector(width, minimum);
    return readLatin1(this.#bytes, this.#position - length, this.#position);
  }

  /** Passes over such a vector, and answers how long its content is. */
  skipVector(width: 1 | 2 | 3, minimum = 0): number {
    const length = this.number(width);
    if (length < minimum) throw new ProtocolError(`${this.#what} holds a vector that is too short`);
    this.skip(length);
    return length;
  }

  /** @throws ProtocolError when bytes are left over. */
  expectEnd(): void {
    if (!this.isAtEnd)
      throw new ProtocolError(`${this.#what} is followed by ${this.#bytes.length - this.#position} stray bytes`);
  }
}
