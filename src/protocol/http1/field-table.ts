import { readLatin1, spells } from "./latin1.ts";
import { SP, TAB } from "./octets.ts";

/** Numbers kept for each field line: where its name and its value begin and end. */
export const OFFSETS_PER_LINE = 4;

/**
 * The field lines of one head as offsets into its bytes, in the order received. Text is made only when asked for.
 * Names are compared without regard to case and must be given in lower case.
 */
export class FieldTable {
  readonly #bytes: Uint8Array;
  readonly #offsets: Int32Array;
  /** Number of field lines; two lines of one name count twice. */
  readonly count: number;

  /** `offsets`: per line start and end of the name, start and end of the value; the end may still include white space. */
  constructor(bytes: Uint8Array, offsets: Int32Array) {
    this.#bytes = bytes;
    this.#offsets = offsets;
    this.count = offsets.length / OFFSETS_PER_LINE;
  }

  nameStart(line: number): number {
    return this.#offsets[line * OFFSETS_PER_LINE] ?? 0;
  }

  nameEnd(line: number): number {
    return this.#offsets[line * OFFSETS_PER_LINE + 1] ?? 0;
  }

  valueStart(line: number): number {
    return this.#offsets[line * OFFSETS_PER_LINE + 2] ?? 0;
  }

  /** Behind the last octet of the value that is not white space; the value may be empty. */
  valueEnd(line: number): number {
    const start = this.valueStart(line);
    let end = this.#offsets[line * OFFSETS_PER_LINE + 3] ?? 0;
    for (; end > start; end--) {
      const octet = this.#bytes[end - 1];
      if (octet !== SP && octet !== TAB) break;
    }
    return end;
  }

  /** Behind the CR LF of the line. */
  lineEnd(line: number): number {
    return (this.#offsets[line * OFFSETS_PER_LINE + 3] ?? 0) + 2;
  }

  nameLength(line: number): number {
    return this.nameEnd(line) - this.nameStart(line);
  }

  isNamed(line: number, name: string): boolean {
    return spells(this.#bytes, this.nameStart(line), this.nameEnd(line), name);
  }

  /** Whether the value is that word, given in lower case, when the case of letters does not matter. */
  isValued(line: number, word: string): boolean {
    return spells(this.#bytes, this.valueStart(line), this.valueEnd(line), word);
  }

  /** First line of that name at or behind `from`, -1 when there is none. */
  find(name: string, from = 0): number {
    for (let line = from; line < this.count; line++) {
      if (this.isNamed(line, name)) return line;
    }
    return -1;
  }

  name(line: number): string {
    return readLatin1(this.#bytes, this.nameStart(line), this.nameEnd(line));
  }

  value(line: number): string {
    return readLatin1(this.#bytes, this.valueStart(line), this.valueEnd(line));
  }

  /** Value of the first line of that name. */
  get(name: string): string | undefined {
    const line = this.find(name);
    return line < 0 ? undefined : this.value(line);
  }

  /** Values of all lines of that name, in order. */
  values(name: string): readonly string[] {
    const found: string[] = [];
    for (let line = this.find(name); line >= 0; line = this.find(name, line + 1)) found.push(this.value(line));
    return found;
  }

  /** Name as spelled and value of each line, in order. */
  *[Symbol.iterator](): Generator<readonly [name: string, value: string]> {
    for (let line = 0; line < this.count; line++) yield [this.name(line), this.value(line)];
  }
}
