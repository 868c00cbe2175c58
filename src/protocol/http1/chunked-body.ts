import { type FieldLines, readFieldLines } from "./field-lines.ts";
import { readLatin1 } from "./latin1.ts";
import { CR, hexValue, LF, SEMICOLON } from "./octets.ts";

/** Of a trailer section this much is read, unless said otherwise: checksums and states are short. */
const TRAILER_LIMIT_BYTES = 8_192;

type Place = "size" | "extension" | "data" | "dataEnd" | "trailers";

/**
 * Takes the chunked coding (RFC 9112 section 7.1) off a body that somebody else has found to be well-formed; of another
 * body it makes nothing sensible, and nothing worse.
 */
export class ChunkedBody {
  readonly #onData: (bytes: Uint8Array) => void;
  readonly #trailerLimitBytes: number;
  #place: Place = "size";
  #left = 0;
  #trailers = "";

  /** `onData` gets views of what is received. */
  constructor(onData: (bytes: Uint8Array) => void = () => {}, trailerLimitBytes = TRAILER_LIMIT_BYTES) {
    this.#onData = onData;
    this.#trailerLimitBytes = trailerLimitBytes;
  }

  receive(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at = this.#step(bytes, at);
  }

  /** Of what was received. */
  get trailers(): FieldLines {
    return readFieldLines(this.#trailers);
  }

  /** Returns where to go on, always further on. */
  #step(bytes: Uint8Array, at: number): number {
    switch (this.#place) {
      case "data": {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        if (this.#left === 0) this.#place = "dataEnd";
        this.#onData(bytes.subarray(at, end));
        return end;
      }
      case "trailers":
        if (this.#trailers.length < this.#trailerLimitBytes) {
          const end = Math.min(bytes.length, at + this.#trailerLimitBytes - this.#trailers.length);
          this.#trailers += readLatin1(bytes, at, end);
        }
        return bytes.length;
      case "size":
      case "extension":
      case "dataEnd":
        this.#lineOctet(bytes[at] ?? 0);
        return at + 1;
      default:
        return this.#place satisfies never;
    }
  }

  #lineOctet(octet: number): void {
    if (octet === LF) {
      if (this.#place === "dataEnd") this.#place = "size";
      else this.#place = this.#left > 0 ? "data" : "trailers";
    } else if (octet === SEMICOLON) this.#place = "extension";
    else if (octet !== CR && this.#place === "size") {
      this.#left = Math.min(this.#left * 16 + Math.max(0, hexValue(octet)), Number.MAX_SAFE_INTEGER);
    }
  }
}
