import type { Fault } from "./faults.ts";
import { COLON, CR, DEL, hexValue, LF, SEMICOLON, SP, TAB, TOKEN_OCTETS } from "./octets.ts";

/** One chunk-size line with its extensions, without CR LF. Extensions in use are signatures of some hundred octets. */
export const CHUNK_LINE_LIMIT_BYTES = 4_096;

/**
 * How many octets of extensions may come in excess of octets of data, counted over the whole body. Without it a peer
 * makes us and the next reader work for a body that never grows; endless streams with a small extension per chunk pass.
 */
export const CHUNK_EXTENSION_EXCESS_BYTES = 16_384;

/** All trailer lines of a body together. */
export const TRAILER_LIMIT_BYTES = 65_536;

/** Sixteen digits are 64 bits, so no reader behind us overflows; leading zeros, which some servers write, count. */
const SIZE_DIGITS = 16;

/**
 * Fields that no sender may put into a trailer (RFC 9110 section 6.5.1), for readers that merge trailers into the head
 * and would then frame or route the message anew.
 */
const HEAD_ONLY: ReadonlySet<string> = new Set(["content-length", "host", "transfer-encoding"]);
const LONGEST_HEAD_ONLY = 17;

type Place =
  | "size"
  | "extension"
  | "size-lf"
  | "data"
  | "data-cr"
  | "data-lf"
  | "line"
  | "name"
  | "value"
  | "value-lf"
  | "last-lf";

/** `more`: the body goes on. `done`: the last octet of the body was seen. Else what is wrong with the next octet. */
export type ChunkedOutcome = "more" | "done" | Fault;

/**
 * Follows a body in chunked coding (RFC 9112 section 7.1) without taking it apart: it finds the end and refuses what
 * readers disagree about. Stricter than the grammar in one point: no white space around a chunk size.
 */
export class ChunkedScanner {
  #place: Place = "size";
  #sizeDigits = 0;
  /** Size of the chunk, then what of it is to come. */
  #left = 0;
  #lineBytes = 0;
  #extensionExcess = 0;
  #trailerBytes = 0;
  /** Start of the trailer name being read, in lower case; no longer than it takes to tell. */
  #trailerName = "";
  #outcome: ChunkedOutcome = "more";

  get outcome(): ChunkedOutcome {
    return this.#outcome;
  }

  /** Follows the body from `from` on. Returns the index behind the last octet that belongs to a faultless body. */
  receive(bytes: Uint8Array, from: number): number {
    let i = from;
    while (i < bytes.length && this.#outcome === "more") {
      if (this.#place === "data") {
        const taken = Math.min(this.#left, bytes.length - i);
        this.#left -= taken;
        if (this.#left === 0) this.#place = "data-cr";
        i += taken;
      } else {
        const fault = this.#step(bytes[i] ?? 0);
        if (fault === undefined) i++;
        else this.#outcome = fault;
      }
    }
    return i;
  }

  #step(octet: number): Fault | undefined {
    switch (this.#place) {
      case "size":
        return this.#size(octet);
      case "extension":
        return this.#extension(octet);
      case "size-lf":
        return this.#expect(octet, LF, this.#left === 0 ? "line" : "data", "bare-cr") ?? this.#beginData();
      case "data":
        return undefined; // passed over in one go by the caller
      case "data-cr":
        return this.#expect(octet, CR, "data-lf", "chunk-end");
      case "data-lf":
        return this.#expect(octet, LF, "size", "chunk-end");
      case "line":
      case "name":
      case "value":
      case "value-lf":
      case "last-lf":
        return this.#trailer(octet);
      default:
        return this.#place satisfies never;
    }
  }

  #expect(octet: number, wanted: number, next: Place, fault: Fault): Fault | undefined {
    if (octet !== wanted) return fault;
    this.#place = next;
    return undefined;
  }

  #size(octet: number): Fault | undefined {
    const digit = hexValue(octet);
    if (digit >= 0) {
      const size = this.#left * 16 + digit;
      if (++this.#sizeDigits > SIZE_DIGITS || size > Number.MAX_SAFE_INTEGER) return "chunk-too-large";
      this.#left = size;
      return undefined;
    }
    if (octet === LF) return "bare-lf";
    if (this.#sizeDigits === 0 || (octet !== CR && octet !== SEMICOLON)) return "chunk-size";
    this.#lineBytes = this.#sizeDigits;
    if (octet === CR) this.#place = "size-lf";
    else {
      this.#place = "extension";
      return this.#countExtension();
    }
    return undefined;
  }

  #extension(octet: number): Fault | undefined {
    if (octet === CR) {
      this.#place = "size-lf";
      return undefined;
    }
    return textFault(octet) ?? this.#countExtension();
  }

  #countExtension(): Fault | undefined {
    if (++this.#lineBytes > CHUNK_LINE_LIMIT_BYTES) return "chunk-line-too-long";
    return ++this.#extensionExcess > CHUNK_EXTENSION_EXCESS_BYTES ? "chunk-extensions" : undefined;
  }

  #beginData(): undefined {
    this.#extensionExcess = Math.max(0, this.#extensionExcess - this.#left);
    this.#sizeDigits = 0;
  }

  /** The lines behind the last chunk have the form of field lines (section 7.1.2). */
  #trailer(octet: number): Fault | undefined {
    if (++this.#trailerBytes > TRAILER_LIMIT_BYTES) return "trailers-too-large";
    switch (this.#place) {
      case "line":
        if (octet === CR) this.#place = "last-lf";
        else if (octet === SP || octet === TAB) return "folded-line";
        else {
          this.#trailerName = "";
          this.#place = "name";
          return octet === COLON ? "field-name" : this.#trailerNameOctet(octet);
        }
        return undefined;
      case "name":
        if (octet !== COLON) return this.#trailerNameOctet(octet);
        this.#place = "value";
        return HEAD_ONLY.has(this.#trailerName) ? "trailer-field" : undefined;
      case "value":
        if (octet !== CR) return textFault(octet);
        this.#place = "value-lf";
        return undefined;
      case "value-lf":
        return this.#expect(octet, LF, "line", "bare-cr");
      case "last-lf":
        if (octet !== LF) return "bare-cr";
        this.#outcome = "done";
        return undefined;
      case "size":
      case "extension":
      case "size-lf":
      case "data":
      case "data-cr":
      case "data-lf":
        return undefined; // not of the trailer section
      default:
        return this.#place satisfies never;
    }
  }

  #trailerNameOctet(octet: number): Fault | undefined {
    if (TOKEN_OCTETS[octet] !== 1) {
      if (octet === SP || octet === TAB) return "space-before-colon";
      return octet === LF ? "bare-lf" : "field-name";
    }
    // One octet more than the longest, so that a longer name is not taken for it.
    if (this.#trailerName.length <= LONGEST_HEAD_ONLY) this.#trailerName += String.fromCharCode(octet | 0x20);
    return undefined;
  }
}

function textFault(octet: number): Fault | undefined {
  if (octet === LF) return "bare-lf";
  return (octet < SP && octet !== TAB) || octet === DEL ? "control-octet" : undefined;
}
