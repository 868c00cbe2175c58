import type { FoldableRows } from "./fold-view.ts";
import { IntColumn } from "./int-column.ts";

/**
 * What a row of a pretty-printed XML text shows. `start` opens a group that `end` closes; `element` is a whole element on one
 * row (`<a>text</a>`, `<a/>`); `declaration` stands for the XML declaration and the document type.
 */
export type XmlRowKind = "start" | "end" | "element" | "text" | "cdata" | "comment" | "instruction" | "declaration";

/** One row, ready to be drawn. */
export interface XmlRow {
  readonly kind: XmlRowKind;
  readonly depth: number;
  /** As written, without the white space around it; one line of it where the piece has several. Never a line break in it. */
  readonly text: string;
  /** Rows between a start and its end; 0 for all others. */
  readonly inside: number;
  /** The end tag, which stands behind the ellipsis while this row is folded. Else empty. */
  readonly closing: string;
  /** Where the row begins in the text that was read. */
  readonly offset: number;
}

const KINDS: readonly XmlRowKind[] = [
  "start",
  "end",
  "element",
  "text",
  "cdata",
  "comment",
  "instruction",
  "declaration",
];

/** The rows of an XML text, each a slice of it made on demand. */
export class XmlRows implements FoldableRows {
  readonly #text: string;
  readonly #kinds = new IntColumn();
  readonly #depths = new IntColumn();
  readonly #starts = new IntColumn();
  readonly #ends = new IntColumn();
  readonly #foldEnds = new IntColumn();
  readonly #open: number[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  get count(): number {
    return this.#kinds.length;
  }

  /** How many elements are open while the rows are being made. */
  get openElements(): number {
    return this.#open.length;
  }

  /** Where the innermost open element begins in the text. */
  get openAt(): number | undefined {
    const index = this.#open.at(-1);
    return index === undefined ? undefined : this.#starts.at(index);
  }

  foldEnd(index: number): number {
    return this.#foldEnds.at(index);
  }

  depth(index: number): number {
    return this.#depths.at(index);
  }

  /** The row at `index`, which is from 0 to `count` - 1. */
  row(index: number): XmlRow {
    const foldEnd = this.#foldEnds.at(index);
    // A group that the text leaves open ends with whatever row is the last; that may be the end of a group inside.
    const isClosed = foldEnd > index && this.#kindAt(foldEnd) === "end" && this.depth(foldEnd) === this.depth(index);
    return {
      kind: this.#kindAt(index),
      depth: this.#depths.at(index),
      text: this.#slice(index),
      inside: isClosed ? foldEnd - index - 1 : foldEnd - index,
      closing: isClosed ? this.#slice(foldEnd) : "",
      offset: this.#starts.at(index),
    };
  }

  /** For the reader: a piece of the text that is no tag; white space around it is left out, and nothing remains of only that. */
  add(kind: XmlRowKind, start: number, end: number): void {
    this.#addLines(kind, start, end);
  }

  /** For the reader: a start tag. */
  open(start: number, end: number): void {
    const index = this.count;
    this.#addLines("start", start, end);
    this.#open.push(index);
    // Further lines of the tag hold attributes, and stand with what is inside.
    for (let i = index + 1; i < this.count; i++) this.#depths.set(i, this.#open.length);
  }

  /** For the reader: an end tag, or the second event of a self-closing tag, which has the place of the first. */
  close(start: number, end: number): void {
    const index = this.#open.pop();
    if (index === undefined) return;
    if (this.#fitsOneRow(index, end)) {
      this.#cut(index + 1);
      this.#kinds.set(index, KINDS.indexOf("element"));
      this.#ends.set(index, end);
      return;
    }
    this.#addLines("end", start, end);
    this.#foldEnds.set(index, this.count - 1);
  }

  /** For the reader: the text ends; what is still open ends with it. */
  finish(): void {
    for (const index of this.#open.splice(0)) this.#foldEnds.set(index, this.count - 1);
  }

  /** The start tag alone, or with one text behind it, and no line break up to the end tag. */
  #fitsOneRow(index: number, end: number): boolean {
    const rest = this.count - index - 1;
    if (rest > 1 || (rest === 1 && this.#kindAt(index + 1) !== "text")) return false;
    // The rows before reach to the start of the end tag at most; only the gaps between them can hold a line break.
    return !/[\r\n]/.test(this.#text.slice(this.#starts.at(index), end));
  }

  #addLines(kind: XmlRowKind, start: number, end: number): void {
    let lineStart = start;
    for (let i = start; i <= end; i++) {
      const code = i === end ? 10 : this.#text.charCodeAt(i);
      if (code !== 10 && code !== 13) continue;
      this.#addLine(kind, lineStart, i);
      lineStart = i + 1;
    }
  }

  #addLine(kind: XmlRowKind, start: number, end: number): void {
    let from = start;
    let to = end;
    while (from < to && isSpace(this.#text.charCodeAt(from))) from++;
    while (to > from && isSpace(this.#text.charCodeAt(to - 1))) to--;
    if (from === to) return;
    this.#foldEnds.push(this.count);
    this.#kinds.push(KINDS.indexOf(kind));
    this.#depths.push(this.#open.length);
    this.#starts.push(from);
    this.#ends.push(to);
  }

  #cut(length: number): void {
    for (const column of [this.#kinds, this.#depths, this.#starts, this.#ends, this.#foldEnds]) column.cut(length);
  }

  #kindAt(index: number): XmlRowKind {
    return KINDS[this.#kinds.at(index)] ?? "text";
  }

  #slice(index: number): string {
    return this.#text.slice(this.#starts.at(index), this.#ends.at(index));
  }
}

/** White space of XML 1.0 section 2.3. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
