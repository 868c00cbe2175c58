/**
 * Bytes that wait, first in, first out. Chunks stay as they are, without a copy, with two exceptions that keep the memory
 * held close to the bytes queued: many tiny chunks are merged, and a small slice of a large buffer is copied out of it.
 */

/** A chunk of at most this length that has to wait behind others is merged with its neighbours. */
const SMALL_BYTES = 512;
/** Merged small chunks fill blocks of this size. */
const BLOCK_BYTES = 2048;
/** A slice is copied when the buffer that it would keep alive is more than this many times as large ... */
const PIN_RATIO = 4;
/** ... and larger than this: below, the copy costs more than it saves. */
const PIN_BYTES = 16_384;
/** Used-up places at the front of the list are given back once there are this many and half of it is used up. */
const SPENT_CHUNKS = 32;

const EMPTY = new Uint8Array(0);

export class ByteQueue {
  readonly #limitBytes: number;
  readonly #chunks: Uint8Array[] = [];
  /** Index of the first chunk that waits, and how many of its bytes are gone. */
  #first = 0;
  #firstGone = 0;
  /** The block that small chunks go to; follows everything in `#chunks`. */
  #block: Uint8Array | undefined;
  #blockFilled = 0;
  #bytes = 0;

  /** The limit is a mark and not a wall: `push` takes everything and says when the producer should stop. */
  constructor(limitBytes = Number.POSITIVE_INFINITY) {
    this.#limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the chunk, which must not change afterwards. False: the queue holds its limit or more. */
  push(chunk: Uint8Array): boolean {
    if (chunk.length > 0) {
      if (chunk.length <= SMALL_BYTES && this.#bytes > 0) {
        this.#merge(chunk);
      } else {
        this.#sealBlock();
        this.#chunks.push(unpinned(chunk));
      }
      this.#bytes += chunk.length;
    }
    return this.#bytes < this.#limitBytes;
  }

  /** Takes the first chunk out; undefined when nothing waits. */
  shift(): Uint8Array | undefined {
    const chunk = this.#head();
    if (chunk === undefined) return undefined;
    const rest = this.#firstGone === 0 ? chunk : chunk.subarray(this.#firstGone);
    this.#drop(rest.length, chunk);
    return rest;
  }

  /** Moves up to `length` bytes into `target` from `at` on and returns how many; over as many chunks as it takes. */
  take(target: Uint8Array, at: number, length: number): number {
    let taken = 0;
    for (let chunk = this.#head(); chunk !== undefined && taken < length; chunk = this.#head()) {
      const count = Math.min(length - taken, chunk.length - this.#firstGone);
      const whole = count === chunk.length;
      target.set(whole ? chunk : chunk.subarray(this.#firstGone, this.#firstGone + count), at + taken);
      this.#drop(count, chunk);
      taken += count;
    }
    return taken;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#first = 0;
    this.#firstGone = 0;
    this.#block = undefined;
    this.#bytes = 0;
  }

  #merge(chunk: Uint8Array): void {
    let block = this.#block;
    if (block === undefined || this.#blockFilled + chunk.length > block.length) {
      this.#sealBlock();
      block = new Uint8Array(BLOCK_BYTES);
      this.#block = block;
      this.#blockFilled = 0;
    }
    block.set(chunk, this.#blockFilled);
    this.#blockFilled += chunk.length;
  }

  #sealBlock(): void {
    if (this.#block === undefined) return;
    this.#chunks.push(this.#block.subarray(0, this.#blockFilled));
    this.#block = undefined;
  }

  #head(): Uint8Array | undefined {
    if (this.#first === this.#chunks.length) this.#sealBlock();
    return this.#chunks[this.#first];
  }

  #drop(count: number, first: Uint8Array): void {
    this.#bytes -= count;
    this.#firstGone += count;
    if (this.#firstGone < first.length) return;
    this.#firstGone = 0;
    this.#chunks[this.#first] = EMPTY; // lets go of the buffer
    this.#first += 1;
    if (this.#first === this.#chunks.length) {
      this.#chunks.length = 0;
      this.#first = 0;
    } else if (this.#first >= SPENT_CHUNKS && this.#first * 2 >= this.#chunks.length) {
      this.#chunks.splice(0, this.#first);
      this.#first = 0;
    }
  }
}

/** The bytes for keeping: themselves, or a copy where they would keep alive a buffer that is much larger. */
export function unpinned(chunk: Uint8Array): Uint8Array {
  const held = chunk.buffer.byteLength;
  // Not slice(), which of a Buffer is no copy.
  return held > PIN_BYTES && held > chunk.length * PIN_RATIO ? new Uint8Array(chunk) : chunk;
}
