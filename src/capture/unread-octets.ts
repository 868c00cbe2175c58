import { BoundedBytes } from "./bounded-bytes.ts";

/** Enough to see what somebody speaks in place of HTTP. */
const KEPT_LIMIT_BYTES = 16_384;

/** The octets of one direction that a reader has taken in and not handed on: the start of a head, as far as it came. */
export class UnreadOctets {
  readonly #waiting = new BoundedBytes(KEPT_LIMIT_BYTES);
  #chunk: Uint8Array = NOTHING;
  /** What of the chunk was handed on. */
  #from = 0;

  /** Nothing waits: what comes next begins a message or goes on with a body. */
  get isEmpty(): boolean {
    return this.#waiting.passedBytes === 0;
  }

  /** A reader gets this chunk now. */
  begin(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#from = 0;
  }

  /** The reader handed on a head, with all that waited; so many octets of the chunk are left. */
  head(leftBytes: number): void {
    this.#waiting.clear();
    this.body(leftBytes);
  }

  /** The reader handed on octets that belong to no head; so many of the chunk are left. */
  body(leftBytes: number): void {
    this.#from = this.#chunk.length - leftBytes;
  }

  /** The reader is through with the chunk. */
  end(): void {
    if (this.#from < this.#chunk.length) this.#waiting.add(this.#chunk.subarray(this.#from));
    this.#chunk = NOTHING;
    this.#from = 0;
  }

  /** What waits, the chunk under way included; not more than is good to look at. */
  take(): Uint8Array {
    this.end();
    const bytes = this.#waiting.kept.slice();
    this.#waiting.clear();
    return bytes;
  }
}

const NOTHING = new Uint8Array(0);
