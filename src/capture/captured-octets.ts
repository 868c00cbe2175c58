import { CAPTURE_LIMIT_BYTES } from "./exchange.ts";

/** A buffer that is this much larger than what is in it is not kept beyond the end of its message. */
const SPARE_BYTES = 256;

/** Objects of one message, besides its octets; measured. */
const RECORD_BYTES = 400;

/**
 * The start of a message, copied as it passes: at most {@link CAPTURE_LIMIT_BYTES}. A base class and no part of something
 * else, because there are two for each of very many exchanges.
 */
export class CapturedOctets {
  #buffer: Uint8Array;
  #filled: number;
  #passed: number;
  #limitBytes = CAPTURE_LIMIT_BYTES;

  /** `raw`: what was kept of it before. */
  constructor(raw: Uint8Array = NOTHING) {
    this.#buffer = raw;
    this.#filled = raw.length;
    this.#passed = raw.length;
  }

  /** A view; not to be changed. */
  get raw(): Uint8Array {
    return this.#filled === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, this.#filled);
  }

  /** How much passed, kept or not. */
  get wireBytes(): number {
    return this.#passed;
  }

  get isTruncated(): boolean {
    return this.#passed > this.#filled;
  }

  /** What it costs to keep it. */
  get memoryBytes(): number {
    return RECORD_BYTES + this.#buffer.length;
  }

  /** So many octets are about to be added. */
  expect(bytes: number): void {
    this.#reserve(Math.min(this.#filled + bytes, this.#limitBytes));
  }

  /** Octets of the body; or of a message in which no head can be found. */
  add(bytes: Uint8Array): void {
    this.#passed += bytes.length;
    const taken = Math.min(bytes.length, this.#limitBytes - this.#filled);
    if (taken === 0) return;
    const needed = this.#filled + taken;
    if (needed > this.#buffer.length) {
      // Doubling keeps the copying linear however small the pieces are.
      this.#reserve(Math.max(needed, Math.min(2 * this.#buffer.length, this.#limitBytes)));
    }
    this.#buffer.set(taken === bytes.length ? bytes : bytes.subarray(0, taken), this.#filled);
    this.#filled = needed;
  }

  /** Nothing follows: spare room is given back. */
  seal(): void {
    if (this.#buffer.length > this.#filled + SPARE_BYTES) this.#buffer = this.#buffer.slice(0, this.#filled);
  }

  /** Lets go of what was kept, and keeps nothing from now on. */
  drop(): void {
    this.#limitBytes = 0;
    this.#buffer = NOTHING;
    this.#filled = 0;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const larger = new Uint8Array(bytes);
    larger.set(this.raw);
    this.#buffer = larger;
  }
}

const NOTHING = new Uint8Array(0);
