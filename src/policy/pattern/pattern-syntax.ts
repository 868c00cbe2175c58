/**
 * Reads regular expressions in the part of RE2's syntax that policies use: literals, classes, groups, alternation, repetition,
 * `^` `$` `\b`, and `(?i)` at the start. References and look-around have no meaning in linear time and are refused.
 */

/** First and last code unit. */
export type Range = readonly [first: number, last: number];

export type PatternNode =
  | { readonly type: "set"; readonly ranges: readonly Range[] }
  | { readonly type: "assert"; readonly place: "start" | "end" | "word" | "notWord" }
  | { readonly type: "sequence" | "choice"; readonly parts: readonly PatternNode[] }
  | {
      readonly type: "repeat";
      readonly of: PatternNode;
      readonly least: number;
      readonly most: number;
      readonly isLazy: boolean;
    }
  | { readonly type: "group"; readonly of: PatternNode; readonly number: number };

/** Why a pattern cannot be used, in words that follow its name. */
export class PatternFault extends Error {
  override readonly name = "PatternFault";
}

const MAX_SOURCE_LENGTH = 1024;
const MAX_DEPTH = 50;
/** Replacements name no later ones, so those only hold together what is in them. */
const MAX_NOTED_GROUPS = 9;
const MAX_REPEAT = 1000;
const LAST_UNIT = 0xffff;

const DIGITS: readonly Range[] = [[0x30, 0x39]];
const WORD: readonly Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const SPACE: readonly Range[] = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
];
const NO_LINE_END: readonly Range[] = [
  [0, 0x09],
  [0x0b, LAST_UNIT],
];
const ANY: readonly Range[] = [[0, LAST_UNIT]];

const CLASSES: Readonly<Record<string, readonly Range[]>> = {
  d: DIGITS,
  w: WORD,
  s: SPACE,
  D: inverted(DIGITS),
  W: inverted(WORD),
  S: inverted(SPACE),
};
const CONTROLS: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f", v: "\v", a: "\u0007" };
const PLACES = { A: "start", z: "end", b: "word", B: "notWord" } as const;

/** `groups` are those whose places are to be noted. @throws PatternFault */
export function readPattern(source: string): { readonly node: PatternNode; readonly groups: number } {
  if (source.length > MAX_SOURCE_LENGTH) throw new PatternFault(`is longer than ${MAX_SOURCE_LENGTH} characters`);
  return new PatternReader(source).read();
}

class PatternReader {
  readonly #source: string;
  #at = 0;
  #depth = 0;
  #groups = 0;
  #ignoresCase = false;
  #dotIsAny = false;

  constructor(source: string) {
    this.#source = source;
  }

  read(): { readonly node: PatternNode; readonly groups: number } {
    this.#readFlags();
    const node = this.#choice();
    if (this.#at < this.#source.length) throw new PatternFault("has a ) without its (");
    return { node, groups: this.#groups };
  }

  #readFlags(): void {
    const [whole, flags] = /^\(\?([is]+)\)/.exec(this.#source) ?? [];
    if (whole === undefined || flags === undefined) return;
    this.#at = whole.length;
    this.#ignoresCase = flags.includes("i");
    this.#dotIsAny = flags.includes("s");
  }

  #choice(): PatternNode {
    if (++this.#depth > MAX_DEPTH) throw new PatternFault(`has more than ${MAX_DEPTH} groups inside each other`);
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    this.#depth -= 1;
    return parts.length === 1 ? (parts[0] ?? EMPTY) : { type: "choice", parts };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    for (let next = this.#peek(); next !== "" && next !== "|" && next !== ")"; next = this.#peek()) {
      parts.push(this.#repeated(this.#atom()));
    }
    return { type: "sequence", parts };
  }

  #repeated(of: PatternNode): PatternNode {
    const count = this.#count();
    if (count === undefined) return of;
    const node: PatternNode = { type: "repeat", of, ...count, isLazy: this.#take("?") };
    if (this.#count() !== undefined) throw new PatternFault("repeats a repetition");
    return node;
  }

  #count(): { readonly least: number; readonly most: number } | undefined {
    if (this.#take("*")) return { least: 0, most: Infinity };
    if (this.#take("+")) return { least: 1, most: Infinity };
    if (this.#take("?")) return { least: 0, most: 1 };
    const [whole, first = "", comma, last = ""] =
      /^\{(\d+)(,?)(\d*)\}/.exec(this.#source.slice(this.#at, this.#at + 16)) ?? [];
    if (whole === undefined) return undefined;
    this.#at += whole.length;
    const least = Number(first);
    const most = comma === "" ? least : last === "" ? Infinity : Number(last);
    if (most < least || least > MAX_REPEAT || (most !== Infinity && most > MAX_REPEAT)) {
      throw new PatternFault(`has a repetition ${whole} that is not between 0 and ${MAX_REPEAT}`);
    }
    return { least, most };
  }

  #atom(): PatternNode {
    const char = this.#next();
    if (char === "(") return this.#group();
    if (char === "[") return this.#set();
    if (char === ".") return { type: "set", ranges: this.#dotIsAny ? ANY : NO_LINE_END };
    if (char === "^") return { type: "assert", place: "start" };
    if (char === "$") return { type: "assert", place: "end" };
    if (char === "\\") return this.#escaped();
    if (char === "*" || char === "+" || char === "?") throw new PatternFault(`has a ${char} with nothing to repeat`);
    return this.#setOf([[char.charCodeAt(0), char.charCodeAt(0)]]);
  }

  #group(): PatternNode {
    const isPlain = this.#source.startsWith("?:", this.#at);
    const name = /^\?P?<\w+>/.exec(this.#source.slice(this.#at, this.#at + 64))?.[0] ?? "";
    if (!isPlain && name === "" && this.#peek() === "?") throw new PatternFault("has a group (? of an unknown kind");
    this.#at += isPlain ? 2 : name.length;
    const isNoted = !isPlain && this.#groups < MAX_NOTED_GROUPS;
    const number = isNoted ? ++this.#groups : 0;
    const of = this.#choice();
    if (!this.#take(")")) throw new PatternFault("has a ( without its )");
    return isNoted ? { type: "group", of, number } : of;
  }

  #escaped(): PatternNode {
    const char = this.#next();
    if (char === "A" || char === "z" || char === "b" || char === "B") return { type: "assert", place: PLACES[char] };
    const known = CLASSES[char];
    if (known !== undefined) return { type: "set", ranges: known };
    const unit = this.#escapedUnit(char);
    return this.#setOf([[unit, unit]]);
  }

  /** The code unit behind `\` and this character. */
  #escapedUnit(char: string): number {
    if (char === "x") {
      const digits = /^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,4})\})/.exec(this.#source.slice(this.#at, this.#at + 6));
      if (digits === null) throw new PatternFault("has a \\x without two hexadecimal digits");
      this.#at += digits[0].length;
      return Number.parseInt(digits[1] ?? digits[2] ?? "", 16);
    }
    const control = Object.hasOwn(CONTROLS, char) ? CONTROLS[char] : undefined;
    if (control !== undefined) return control.charCodeAt(0);
    if (char === "") throw new PatternFault("ends in a \\");
    if (/[0-9a-zA-Z]/.test(char)) throw new PatternFault(`has an unknown \\${char}`);
    return char.charCodeAt(0);
  }

  #set(): PatternNode {
    const isInverted = this.#take("^");
    const ranges: Range[] = [];
    for (let isFirst = true; isFirst || this.#peek() !== "]"; isFirst = false) {
      const first = this.#setMember();
      if (typeof first !== "number") {
        ranges.push(...first);
        continue;
      }
      const isRange = this.#peek() === "-" && this.#source[this.#at + 1] !== "]";
      if (isRange) this.#at += 1;
      const last = isRange ? this.#setMember() : first;
      if (typeof last !== "number" || last < first) throw new PatternFault("has a class with a range that is none");
      ranges.push([first, last]);
    }
    this.#at += 1;
    const { ranges: folded } = this.#setOf(ranges);
    return { type: "set", ranges: isInverted ? inverted(folded) : folded };
  }

  #setMember(): number | readonly Range[] {
    const char = this.#next();
    if (char === "") throw new PatternFault("has a [ without its ]");
    if (char === "[" && this.#peek() === ":")
      throw new PatternFault("has a class of the form [:name:]; write \\d, \\w or \\s");
    if (char !== "\\") return char.charCodeAt(0);
    const escaped = this.#next();
    return CLASSES[escaped] ?? this.#escapedUnit(escaped);
  }

  #setOf(ranges: readonly Range[]): { readonly type: "set"; readonly ranges: readonly Range[] } {
    return { type: "set", ranges: this.#ignoresCase ? [...ranges, ...ranges.flatMap(otherCase)] : ranges };
  }

  #peek(): string {
    return this.#source.charAt(this.#at);
  }

  #next(): string {
    return this.#source.charAt(this.#at++);
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }
}

const EMPTY: PatternNode = { type: "sequence", parts: [] };

/** The letters of ASCII in a range, in their other case. */
function otherCase([first, last]: Range): readonly Range[] {
  const parts: readonly (readonly [from: number, to: number, shift: number])[] = [
    [0x41, 0x5a, 0x20],
    [0x61, 0x7a, -0x20],
  ];
  return parts.flatMap(([from, to, shift]): Range[] => {
    const [low, high] = [Math.max(first, from), Math.min(last, to)];
    return low > high ? [] : [[low + shift, high + shift]];
  });
}

function inverted(ranges: readonly Range[]): readonly Range[] {
  const rest: Range[] = [];
  let next = 0;
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (first > next) rest.push([next, first - 1]);
    next = Math.max(next, last + 1);
  }
  if (next <= LAST_UNIT) rest.push([next, LAST_UNIT]);
  return rest;
}
