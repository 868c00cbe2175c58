import { IntColumn } from "./int-column.ts";

/** A row of a text view: a line, or a piece of a line that is too long to be drawn at once. */
export interface TextRow {
  /** Without the line break. */
  readonly text: string;
  /** Where the row begins in the text. */
  readonly offset: number;
  /** Number of its line, from 1. */
  readonly line: number;
  /** Whether the row goes on with the line of the row before. */
  readonly isContinuation: boolean;
  /** What ends the row: a line break, or nothing for the last row and before a continuation. */
  readonly lineBreak: "" | "\n" | "\r" | "\r\n";
}

/** UTF-16 units in a row. A browser lays out a line of some hundred characters at once, one of a million in minutes. */
export const ROW_LENGTH = 400;

/** A text cut into rows of bounded length; rows are made on demand. A text without a character has one empty row. */
export class TextLines {
  readonly #text: string;
  readonly #starts = new IntColumn();
  readonly #lines = new IntColumn();

  constructor(text: string) {
    this.#text = text;
    let line = 1;
    let start = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) {
        this.#push(start, line++);
        start = i + 1;
      } else if (i - start >= ROW_LENGTH && code !== 13 && !isInsidePair(text, i)) {
        this.#push(start, line);
        start = i;
      }
    }
    this.#push(start, line);
  }

  get count(): number {
    return this.#starts.length;
  }

  /** The row at `index`, which is from 0 to `count` - 1. */
  row(index: number): TextRow {
    const offset = this.#starts.at(index);
    const end = index + 1 < this.count ? this.#starts.at(index + 1) : this.#text.length;
    const line = this.#lines.at(index);
    const whole = this.#text.slice(offset, end);
    const lineBreak = lineBreakOf(whole, index + 1 < this.count);
    return {
      text: whole.slice(0, whole.length - lineBreak.length),
      offset,
      line,
      isContinuation: index > 0 && this.#lines.at(index - 1) === line,
      lineBreak,
    };
  }

  /** Index of the row that holds a place of the text. */
  rowOf(offset: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts.at(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #push(start: number, line: number): void {
    this.#starts.push(start);
    this.#lines.push(line);
  }
}

/** The last row ends with the text, and holds no line break. */
function lineBreakOf(row: string, isFollowed: boolean): TextRow["lineBreak"] {
  if (!isFollowed) return "";
  if (row.endsWith("\r\n")) return "\r\n";
  return row.endsWith("\n") ? "\n" : row.endsWith("\r") ? "\r" : "";
}

/** Whether a cut before `index` would part the halves of a pair. */
function isInsidePair(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (code < 0xdc00 || code > 0xdfff) return false;
  const before = text.charCodeAt(index - 1);
  return before >= 0xd800 && before <= 0xdbff;
}
