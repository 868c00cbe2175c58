import { FieldTable, OFFSETS_PER_LINE } from "./field-table.ts";
import type { Fault, Refusal } from "./faults.ts";
import { COLON, CR, endOfText, LF, SP, TAB, TOKEN_OCTETS } from "./octets.ts";

/** Start line, field lines and blank line together. What applications put into cookies and tokens fits (reference.md 7.6). */
export const HEAD_LIMIT_BYTES = 1_048_576;

/**
 * Field lines of one head. Lines of 256 octets already fill the largest head, and each line costs us no more than four
 * numbers; common servers accept between 100 and 2,000.
 */
export const FIELD_LIMIT = 4_096;

/** RFC 9112 section 2.2 asks for at least one; old clients send one behind a POST body. None is kept or passed on. */
export const EMPTY_LINE_LIMIT = 8;

export interface HeadLimits {
  readonly headBytes?: number;
  readonly fields?: number;
}

/** In what requests and responses differ. */
export interface HeadManner {
  readonly emptyLineLimit: number;
  readonly opening: string;
}

/** A head whose lines are well formed. What they say is not looked at yet. */
export interface ScannedHead {
  /** From the start line to the blank line, both included. A view of the chunk when the head was not cut. */
  readonly raw: Uint8Array;
  /** Length of the start line without its CR LF. */
  readonly startLineLength: number;
  readonly fields: FieldTable;
  /** Where the chunk goes on behind the head. */
  readonly end: number;
}

/** Where in a head the next octet stands. Plain numbers: compared for every line. */
const BEFORE = 0; // nothing but empty lines so far
const EMPTY_LINE_LF = 1;
const START_LINE = 2;
const LINE_LF = 3;
const LINE_START = 4;
const NAME = 5;
const BEFORE_VALUE = 6;
const VALUE = 7;
const LAST_LF = 8;

const FIRST_CAPACITY_BYTES = 2_048;

/**
 * Finds the end of a head and its lines in chunks cut anywhere, looking at each octet once. Holds at most one head, and
 * copies only those that arrive in pieces. Verdicts do not depend on the cuts.
 */
export class HeadScanner {
  readonly #refusal: Refusal;
  readonly #limitBytes: number;
  readonly #fieldLimit: number;
  readonly #emptyLineLimit: number;
  readonly #opening: string;

  #place = BEFORE;
  #emptyLines = 0;
  #startLineLength = 0;
  /** Of the head that is being read, with room for more. */
  #offsets = NO_OFFSETS;
  #offsetCount = 0;
  #pieces: Uint8Array | undefined;
  #filled = 0;

  /**
   * `emptyLineLimit`: how many empty lines may come before the start line. `opening`: what every start line begins with; a
   * peer of another protocol may send one line and wait, so its first octet decides.
   */
  constructor(refusal: Refusal, limits: HeadLimits, { emptyLineLimit, opening }: HeadManner) {
    this.#refusal = refusal;
    this.#limitBytes = limits.headBytes ?? HEAD_LIMIT_BYTES;
    this.#fieldLimit = Math.min(limits.fields ?? FIELD_LIMIT, FIELD_LIMIT);
    this.#emptyLineLimit = emptyLineLimit;
    this.#opening = opening;
  }

  /** Whether no octet of a head came since the last one, so that the peer may stop here in order. */
  get isIdle(): boolean {
    return this.#place <= EMPTY_LINE_LF;
  }

  /** Takes octets of the chunk from `from` on. `undefined`: the whole chunk was taken and the head goes on. Throws. */
  receive(chunk: Uint8Array, from: number): ScannedHead | undefined {
    const start = this.#place <= EMPTY_LINE_LF ? this.#skipEmptyLines(chunk, from) : from;
    const end = Math.min(chunk.length, start + this.#limitBytes - this.#filled);
    if (this.#filled < this.#opening.length) this.#checkOpening(chunk, start, end);
    const stop = this.#scan(chunk, start, end);
    if (stop >= 0) return this.#take(chunk, start, stop);
    if (end > start) this.#collect(chunk, start, end);
    if (this.#filled === this.#limitBytes) throw this.#refusal("head-too-large");
    return undefined;
  }

  #skipEmptyLines(chunk: Uint8Array, from: number): number {
    for (let i = from; i < chunk.length; i++) {
      if (this.#place === BEFORE) {
        if (chunk[i] !== CR || this.#emptyLineLimit === 0) {
          this.#place = START_LINE;
          return i;
        }
        this.#place = EMPTY_LINE_LF;
      } else {
        if (chunk[i] !== LF) throw this.#refusal("bare-cr");
        if (++this.#emptyLines > this.#emptyLineLimit) throw this.#refusal("empty-lines");
        this.#place = BEFORE;
      }
    }
    return chunk.length;
  }

  #checkOpening(chunk: Uint8Array, from: number, end: number): void {
    const opening = this.#opening;
    const filled = this.#filled;
    for (let i = from, at = filled; i < end && at < opening.length; i++, at++) {
      if (chunk[i] !== opening.charCodeAt(at)) throw this.#refusal("version");
    }
  }

  /** Index behind the head, or -1 when `end` came first. Offsets that it keeps count from the first octet of the head. */
  #scan(chunk: Uint8Array, from: number, end: number): number {
    const shift = this.#filled - from;
    let offsets = this.#filled === 0 ? SCRATCH : this.#offsets;
    let count = this.#offsetCount;
    let place = this.#place;
    let i = from;
    // One round for each line. The steps follow one another without a jump unless the chunk ends in between.
    while (i < end) {
      if (place === NAME) {
        while (i < end && TOKEN_OCTETS[chunk[i] ?? 0] === 1) i++;
        if (i === end) break;
        const isEmpty = i + shift === offsets[count - 1];
        if (chunk[i] !== COLON) throw this.#refusal(nameFault(chunk[i], isEmpty));
        if (isEmpty) throw this.#refusal("field-name");
        offsets[count++] = i + shift;
        place = BEFORE_VALUE;
        i++;
      }
      if (place === BEFORE_VALUE) {
        while (i < end && (chunk[i] === SP || chunk[i] === TAB)) i++;
        if (i === end) break;
        offsets[count++] = i + shift;
        place = VALUE;
      }
      if (place === VALUE || place === START_LINE) {
        i = endOfText(chunk, i, end);
        if (i === end) break;
        if (chunk[i] !== CR) throw this.#refusal(chunk[i] === LF ? "bare-lf" : "control-octet");
        if (i + shift === 0) throw this.#refusal("start-line");
        if (place === VALUE) offsets[count++] = i + shift;
        else this.#startLineLength = i + shift;
        place = LINE_LF;
        i++;
      }
      if (place === LINE_LF) {
        if (i === end) break;
        if (chunk[i] !== LF) throw this.#refusal("bare-cr");
        place = LINE_START;
        i++;
      }
      if (place === LINE_START) {
        if (i === end) break;
        if (chunk[i] === CR) {
          place = LAST_LF;
          i++;
        } else {
          if (count >= this.#fieldLimit * OFFSETS_PER_LINE) throw this.#refusal("too-many-fields");
          if (count + OFFSETS_PER_LINE > offsets.length) offsets = firstOf(offsets, count, 2 * count + FIRST_OFFSETS);
          offsets[count++] = i + shift;
          place = NAME;
        }
      }
      if (place === LAST_LF) {
        if (i === end) break;
        if (chunk[i] !== LF) throw this.#refusal("bare-cr");
        this.#offsets = firstOf(offsets, count, count);
        return i + 1;
      }
    }
    this.#place = place;
    this.#offsetCount = count;
    // The scratch is for whoever comes next; heads in pieces have room of their own.
    this.#offsets = offsets === SCRATCH ? firstOf(offsets, count, 2 * count + FIRST_OFFSETS) : offsets;
    return -1;
  }

  #take(chunk: Uint8Array, from: number, to: number): ScannedHead {
    let raw: Uint8Array;
    if (this.#pieces === undefined) {
      raw = from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to);
    } else {
      this.#collect(chunk, from, to);
      raw = this.#pieces.subarray(0, this.#filled);
    }
    const fields = new FieldTable(raw, this.#offsets);
    const head = { raw, startLineLength: this.#startLineLength, fields, end: to };
    this.#place = BEFORE;
    this.#emptyLines = 0;
    this.#offsets = NO_OFFSETS;
    this.#offsetCount = 0;
    this.#pieces = undefined;
    this.#filled = 0;
    return head;
  }

  #collect(chunk: Uint8Array, from: number, to: number): void {
    const needed = this.#filled + to - from;
    let pieces = this.#pieces;
    if (pieces === undefined || pieces.length < needed) {
      // Doubling keeps the copying linear however small the pieces are.
      const capacity = Math.max(needed, Math.min(this.#limitBytes, 2 * (pieces?.length ?? FIRST_CAPACITY_BYTES / 2)));
      const larger = new Uint8Array(capacity);
      if (pieces !== undefined) larger.set(pieces.subarray(0, this.#filled));
      pieces = larger;
      this.#pieces = larger;
    }
    pieces.set(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to), this.#filled);
    this.#filled = needed;
  }
}

const NO_OFFSETS = new Int32Array(0);
const FIRST_OFFSETS = 16 * OFFSETS_PER_LINE;
/** Filled and copied within one call, so that heads that come whole make no garbage. Large enough for all of them. */
const SCRATCH = new Int32Array(FIELD_LIMIT * OFFSETS_PER_LINE);

/** A third of the time that `slice` takes. */
function firstOf(numbers: Int32Array, count: number, room: number): Int32Array<ArrayBuffer> {
  const first = new Int32Array(room);
  for (let i = 0; i < count; i++) first[i] = numbers[i] ?? 0;
  return first;
}

/** What is wrong with a line whose name is followed by this octet in place of a colon. */
function nameFault(octet: number | undefined, isFirst: boolean): Fault {
  if (octet === SP || octet === TAB) return isFirst ? "folded-line" : "space-before-colon";
  return octet === LF ? "bare-lf" : "field-name";
}
