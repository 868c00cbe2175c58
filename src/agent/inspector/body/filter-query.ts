import { nearestWord } from "../../../base/nearest-word.ts";
import { FILTER_FIELDS, type FilterOperator } from "./filter-fields.ts";
import type { FilterSubject, FilterTest } from "./filter-subject.ts";

/**
 * The language of the filter bar. A filter is terms with spaces between them, and an exchange has to fit all of them:
 *
 *   hook                         a word anywhere in method, path, status, tunnel, address or content type
 *   "two words"                  the same with spaces; \" and \\ inside
 *   4xx                          short for status:4xx
 *   method:POST,PUT              one of several
 *   status:404  status:4xx,500-504  status>=400  status:none
 *   path:/api  path:/api/v*  path=/exact?a=b
 *   header:x-id  header:x-id:part  header:x-id=value   also request-header and response-header
 *   duration>100ms  size>1kB  request-size<=64KiB      a bare duration counts milliseconds
 *   tunnel:web  ip:10.0.0.  type:json
 *   is:open  is:replay  is:websocket  is:events  is:failed
 *   !path:/health  status!=200   negation of any term
 *
 * `:` finds a part, without regard to case, and `*` in it stands for anything; `=` wants the whole, to the letter.
 */
export interface FilterQuery {
  /** 0: everything fits. */
  readonly terms: number;
  /** Whether some term looks at headers, which summaries do not have. */
  readonly wantsHeaders: boolean;
  /** Whether the exchange fits; `undefined` when its headers would have to be known to tell. */
  readonly test: FilterTest;
}

/** The place of the mistake in the filter text, and what to do about it, in plain words. */
export interface FilterFault {
  readonly offset: number;
  readonly length: number;
  readonly reason: string;
}

/** A filter, or the first mistake in its text. */
export type FilterReading =
  | { readonly query: FilterQuery; readonly fault?: undefined }
  | { readonly fault: FilterFault; readonly query?: undefined };

/** A filter is typed by hand; these bound what a permalink or a paste can ask for. */
const TEXT_LIMIT = 2000;
const TERM_LIMIT = 50;

const FIELD = /([a-z][a-z-]*)(!=|>=|<=|[≥≤:=<>])/iy;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
const BARE = /[^\s"]+/y;
const SPACES = /\s*/y;
const OPERATORS: ReadonlyMap<string, FilterOperator> = new Map([
  [":", ":"],
  ["=", "="],
  ["!=", "!="],
  [">", ">"],
  [">=", ">="],
  ["≥", ">="],
  ["<", "<"],
  ["<=", "<="],
  ["≤", "<="],
]);

/** Thrown inside this file only; the reader's one way out of a term. */
class Mistake extends Error {
  readonly fault: FilterFault;

  constructor(offset: number, length: number, reason: string) {
    super(reason);
    this.fault = { offset, length, reason };
  }
}

/** Reads a filter. Never throws; an empty text is a filter that everything fits. */
export function parseFilter(text: string): FilterReading {
  try {
    return { query: queryOf(new TermReader(text).readAll()) };
  } catch (error) {
    if (error instanceof Mistake) return { fault: error.fault };
    throw error;
  }
}

interface Term {
  readonly test: FilterTest;
  readonly wantsHeaders: boolean;
}

function queryOf(terms: readonly Term[]): FilterQuery {
  const tests = terms.map((term) => term.test);
  return {
    terms: terms.length,
    wantsHeaders: terms.some((term) => term.wantsHeaders),
    test: (subject) => all(tests, subject),
  };
}

/** False outweighs unknown: a term that needs no headers may settle it. */
function all(tests: readonly FilterTest[], subject: FilterSubject): boolean | undefined {
  let answer: boolean | undefined = true;
  for (const test of tests) {
    const fits = test(subject);
    if (fits === false) return false;
    if (fits === undefined) answer = undefined;
  }
  return answer;
}

class TermReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.length > TEXT_LIMIT) {
      throw new Mistake(TEXT_LIMIT, text.length - TEXT_LIMIT, `a filter can have at most ${TEXT_LIMIT} characters`);
    }
  }

  readAll(): readonly Term[] {
    const terms: Term[] = [];
    for (;;) {
      this.#take(SPACES);
      if (this.#at === this.#text.length) return terms;
      const start = this.#at;
      const term = this.#term();
      if (terms.length === TERM_LIMIT) {
        throw new Mistake(start, this.#at - start, `a filter can have at most ${TERM_LIMIT} terms`);
      }
      if (term !== undefined) terms.push(term);
    }
  }

  #term(): Term | undefined {
    const start = this.#at;
    if (this.#text.charAt(start) === "!") {
      this.#at++;
      const term = /\s/.test(this.#text.charAt(this.#at) || " ") ? undefined : this.#term();
      if (term === undefined) throw new Mistake(start, 1, "! must stand right before the term that should not fit");
      return { test: negated(term.test), wantsHeaders: term.wantsHeaders };
    }
    return this.#fieldTerm() ?? this.#wordTerm();
  }

  #fieldTerm(): Term | undefined {
    const start = this.#at;
    const [whole = "", name = "", sign = ""] = this.#take(FIELD) ?? [];
    if (whole === "") return undefined;
    const field = FILTER_FIELDS.get(name.toLowerCase());
    if (field === undefined) throw new Mistake(start, name.length, unknownField(name));
    const operator = OPERATORS.get(sign) ?? ":";
    const plain = operator === "!=" ? "=" : operator;
    if (!field.operators.includes(plain)) {
      throw new Mistake(
        start,
        whole.length,
        `${name.toLowerCase()} cannot be used with ${sign}; write ${field.example}`,
      );
    }
    const valueStart = this.#at;
    const test = field.compile(plain, this.#value(field.example));
    if (test === undefined) {
      const length = Math.max(1, this.#at - valueStart);
      throw new Mistake(valueStart, length, `this is no value for ${name.toLowerCase()}; write ${field.example}`);
    }
    return { test: operator === "!=" ? negated(test) : test, wantsHeaders: field.wantsHeaders === true };
  }

  #wordTerm(): Term | undefined {
    const start = this.#at;
    const isQuoted = this.#text.charAt(start) === '"';
    const word = this.#value("hook");
    if (!isQuoted && word === "AND") return undefined;
    if (!isQuoted && word === "OR") {
      throw new Mistake(
        start,
        2,
        "there is no OR: all terms must fit. Some fields take several values: status:404,5xx",
      );
    }
    const name = !isQuoted && /^[1-5]xx$/i.test(word) ? "status" : "text";
    const test = FILTER_FIELDS.get(name)?.compile(":", word);
    return test === undefined ? undefined : { test, wantsHeaders: false };
  }

  /** Bare and quoted pieces up to the next space: `x-id="a b"` is one value. */
  #value(example: string): string {
    const start = this.#at;
    const pieces: string[] = [];
    for (;;) {
      const bare = this.#take(BARE)?.[0];
      const quoted = bare === undefined ? this.#take(QUOTED)?.[1]?.replaceAll(/\\(.)/gs, "$1") : undefined;
      const piece = bare ?? quoted;
      if (piece === undefined) break;
      pieces.push(piece);
    }
    if (this.#text.charAt(this.#at) === '"') {
      throw new Mistake(this.#at, this.#text.length - this.#at, "the closing quote is missing");
    }
    if (this.#at === start) throw new Mistake(Math.max(0, start - 1), 1, `a value is missing here, as in ${example}`);
    return pieces.join("");
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }
}

function negated(test: FilterTest): FilterTest {
  return (subject) => {
    const fits = test(subject);
    return fits === undefined ? undefined : !fits;
  };
}

function unknownField(name: string): string {
  const near = nearestWord(name.toLowerCase(), [...FILTER_FIELDS.keys()]);
  const hint = near === undefined ? `the fields are ${[...FILTER_FIELDS.keys()].join(", ")}` : `did you mean ${near}`;
  return `there is no field ${name}: ${hint}; text with a colon must stand in double quotes`;
}
