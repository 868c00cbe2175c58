import type { FoldableRows } from "./fold-view.ts";
import { IntColumn } from "./int-column.ts";

/** What a row of a pretty-printed JSON text shows. `end` is the closing bracket of an object or array. */
export type JsonRowKind = "object" | "array" | "end" | "string" | "number" | "boolean" | "null";

/** One row, ready to be drawn: `name: text`, and the comma. */
export interface JsonRow {
  readonly kind: JsonRowKind;
  readonly depth: number;
  /** Name of a member as written, with its quotes and escapes. */
  readonly name: string | undefined;
  /** The value as written, so numbers keep all their digits; `{`, `[`, `}`, `]`, or `{}`, `[]` for an empty one. */
  readonly text: string;
  /** Members or values directly inside; 0 for all but objects and arrays. */
  readonly members: number;
  /** What stands behind the ellipsis while this row is folded: `}` or `]`, with the comma if one follows. Else empty. */
  readonly closing: string;
  readonly hasComma: boolean;
  /** Where the row begins in the text that was read. */
  readonly offset: number;
}

const KINDS: readonly JsonRowKind[] = ["object", "array", "end", "string", "number", "boolean", "null"];
const COMMA_BIT = 8;

/** The rows of a JSON text: one for each value, and one for the end of each object and array that is not empty. */
export class JsonRows implements FoldableRows {
  readonly #text: string;
  readonly #kinds = new IntColumn();
  readonly #depths = new IntColumn();
  readonly #starts = new IntColumn();
  readonly #nameEnds = new IntColumn();
  readonly #valueStarts = new IntColumn();
  readonly #valueEnds = new IntColumn();
  readonly #foldEnds = new IntColumn();
  readonly #members = new IntColumn();
  readonly #open: number[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  get count(): number {
    return this.#kinds.length;
  }

  foldEnd(index: number): number {
    return this.#foldEnds.at(index);
  }

  depth(index: number): number {
    return this.#depths.at(index);
  }

  /** The row at `index`, which is from 0 to `count` - 1. */
  row(index: number): JsonRow {
    const kind = this.#kindAt(index);
    const start = this.#starts.at(index);
    const nameEnd = this.#nameEnds.at(index);
    const foldEnd = this.#foldEnds.at(index);
    const isEmpty = (kind === "object" || kind === "array") && foldEnd === index && this.#members.at(index) === 0;
    const value = this.#text.slice(this.#valueStarts.at(index), this.#valueEnds.at(index));
    return {
      kind,
      depth: this.#depths.at(index),
      name: nameEnd > start ? this.#text.slice(start, nameEnd) : undefined,
      text: isEmpty && value.length > 1 ? value.slice(0, 1) + value.slice(-1) : value,
      members: this.#members.at(index),
      closing: this.#isClosed(index, foldEnd) ? this.#closing(foldEnd) : "",
      hasComma: this.#hasComma(index),
      offset: start,
    };
  }

  /** For the reader: a value begins. Offsets into the text; without a name `nameStart` and `nameEnd` are both `start`. */
  add(kind: JsonRowKind, start: number, end: number, name: readonly [start: number, end: number] | undefined): void {
    const parent = this.#open.at(-1);
    if (parent !== undefined) this.#members.set(parent, this.#members.at(parent) + 1);
    const index = this.#push(kind, name?.[0] ?? start, start, end);
    if (name !== undefined) this.#nameEnds.set(index, name[1]);
    if (kind === "object" || kind === "array") this.#open.push(index);
  }

  /** For the reader: the innermost open object or array ends; its bracket stands from `start` to `end`. */
  end(start: number, end: number): void {
    const index = this.#open.pop();
    if (index === undefined) return;
    if (index === this.count - 1) this.#valueEnds.set(index, end);
    else this.#foldEnds.set(index, this.#push("end", start, start, end));
  }

  /** For the reader: a comma follows the value that ended last. */
  comma(): void {
    const last = this.count - 1;
    this.#kinds.set(last, this.#kinds.at(last) | COMMA_BIT);
  }

  /** For the reader: the text ends; what is still open ends with it. */
  close(): void {
    for (const index of this.#open.splice(0)) this.#foldEnds.set(index, this.count - 1);
  }

  #push(kind: JsonRowKind, start: number, valueStart: number, valueEnd: number): number {
    const index = this.count;
    this.#kinds.push(KINDS.indexOf(kind));
    this.#depths.push(this.#open.length);
    this.#starts.push(start);
    this.#nameEnds.push(start);
    this.#valueStarts.push(valueStart);
    this.#valueEnds.push(valueEnd);
    this.#foldEnds.push(index);
    this.#members.push(0);
    return index;
  }

  #kindAt(index: number): JsonRowKind {
    return KINDS[this.#kinds.at(index) & (COMMA_BIT - 1)] ?? "null";
  }

  #hasComma(index: number): boolean {
    return (this.#kinds.at(index) & COMMA_BIT) !== 0;
  }

  /** A group that the text leaves open ends with whatever row is the last; that may be the end of a group inside. */
  #isClosed(index: number, foldEnd: number): boolean {
    return foldEnd > index && this.#kindAt(foldEnd) === "end" && this.#depths.at(foldEnd) === this.#depths.at(index);
  }

  #closing(end: number): string {
    const bracket = this.#text.slice(this.#valueStarts.at(end), this.#valueEnds.at(end));
    return this.#hasComma(end) ? `${bracket},` : bracket;
  }
}
