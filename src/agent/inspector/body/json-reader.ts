import { createScanner } from "jsonc-parser";
import { stringFault, wordReason } from "./json-token-faults.ts";
import type { JsonRowKind, JsonRows } from "./json-rows.ts";
import { placeOf, syntaxFault, type SyntaxFault } from "./syntax-fault.ts";

/** Deeper nesting is refused. Real bodies stay below fifty; a page indents no further than this. */
export const JSON_NESTING_LIMIT = 512;

/**
 * What the grammar wants next (RFC 8259 section 2). `value` and `name` follow a comma or colon, `firstValue` and `firstName`
 * an opening bracket, where the closing one may come too; `next` is a comma or the closing bracket.
 */
type Wanted = "value" | "firstValue" | "name" | "firstName" | "colon" | "next" | "nothing";

interface Token {
  /** First character; empty at the end of the text. */
  readonly first: string;
  readonly start: number;
  readonly end: number;
}

interface Group {
  readonly isObject: boolean;
  readonly start: number;
}

/** `ScanError.None`; the package declares it as a constant enum, which cannot be used where each file is compiled alone. */
const NO_ERROR = 0;
const CLOSERS = new Set(["}", "]"]);
const WORDS: ReadonlyMap<string, JsonRowKind> = new Map([
  ["true", "boolean"],
  ["false", "boolean"],
  ["null", "null"],
]);

/** Walks once over the text and tells the rows what it finds, up to the first error. Used once. */
export class JsonReader {
  readonly #text: string;
  readonly #rows: JsonRows;
  readonly #scanner;
  readonly #groups: Group[] = [];
  #wanted: Wanted = "value";
  #name: readonly [start: number, end: number] | undefined;
  #commaAt = 0;
  #lastEnd = 0;

  constructor(text: string, rows: JsonRows) {
    this.#text = text;
    this.#rows = rows;
    this.#scanner = createScanner(text, false);
  }

  /** The first error; `undefined` when the text is one JSON value. */
  read(): SyntaxFault | undefined {
    for (;;) {
      const token = this.#scan();
      const fault = token.first === "" ? this.#atEnd() : this.#take(token);
      if (fault !== undefined || token.first === "") return fault;
      this.#lastEnd = token.end;
    }
  }

  #scan(): Token {
    // White space is skipped here: the scanner would build a text of it, character by character.
    let at = this.#scanner.getPosition();
    while (isJsonSpace(this.#text.charCodeAt(at))) at++;
    this.#scanner.setPosition(at);
    this.#scanner.scan();
    return { first: this.#text.charAt(at), start: at, end: this.#scanner.getPosition() };
  }

  #take(token: Token): SyntaxFault | undefined {
    const { first } = token;
    if (first === "/") return this.#fault(token, this.#slashReason(token));
    if (this.#wanted === "nothing") return this.#trailing(token);
    if (this.#wanted === "colon") return this.#colon(token);
    if (this.#wanted === "next") return this.#next(token);
    if (CLOSERS.has(first)) return this.#closeEarly(token);
    if (this.#wanted === "name" || this.#wanted === "firstName") return this.#memberName(token);
    return this.#value(token);
  }

  #value(token: Token): SyntaxFault | undefined {
    const { first, start, end } = token;
    if (first === ",") return this.#fault(token, "a value is missing before this comma");
    if (first === ":") return this.#fault(token, "a colon can only follow the name of a member");
    const kind = this.#kindOf(token);
    if (kind === undefined) return this.#badWord(token);
    const fault = this.#literalFault(token, kind);
    if (fault !== undefined) return fault;
    const isGroup = kind === "object" || kind === "array";
    if (isGroup && this.#groups.length >= JSON_NESTING_LIMIT) {
      return this.#fault(token, `nested deeper than ${JSON_NESTING_LIMIT} levels, which is as far as this view goes`);
    }
    this.#rows.add(kind, start, end, this.#name);
    this.#name = undefined;
    if (isGroup) this.#groups.push({ isObject: kind === "object", start });
    this.#wanted = isGroup ? (kind === "object" ? "firstName" : "firstValue") : this.#afterValue();
    return undefined;
  }

  #kindOf({ first, start, end }: Token): JsonRowKind | undefined {
    if (first === "{") return "object";
    if (first === "[") return "array";
    if (first === '"') return "string";
    const isNumeric = isDigit(first) || (first === "-" && end > start + 1 && isDigit(this.#text.charAt(start + 1)));
    return isNumeric ? "number" : WORDS.get(this.#text.slice(start, Math.min(end, start + 6)));
  }

  #literalFault(token: Token, kind: JsonRowKind): SyntaxFault | undefined {
    if (kind === "number") return this.#numberFault(token);
    if (kind !== "string" || !this.#isRefused()) return undefined;
    const { offset, length, reason } = stringFault(this.#text, token.start);
    return syntaxFault(this.#text, offset, length, reason);
  }

  #isRefused(): boolean {
    const error: number = this.#scanner.getTokenError();
    return error !== NO_ERROR;
  }

  #numberFault(token: Token): SyntaxFault | undefined {
    const { start, end } = token;
    const digits = this.#text.charAt(start) === "-" ? start + 1 : start;
    if (this.#text.charAt(digits) === "0" && isDigit(this.#text.charAt(digits + 1))) {
      return this.#fault(token, "a number cannot begin with 0 and go on with another digit");
    }
    if (!this.#isRefused()) return undefined;
    const last = this.#text.charAt(end - 1);
    return this.#fault(token, `digits are missing after ${last === "." ? "the point" : "the exponent"} of this number`);
  }

  #memberName(token: Token): SyntaxFault | undefined {
    const { first, start, end } = token;
    if (first === ",") return this.#fault(token, "a member is missing before this comma");
    if (first === ":") return this.#fault(token, "the name of the member is missing before this colon");
    if (first !== '"') return this.#fault(token, "the name of a member must stand in double quotes");
    const fault = this.#literalFault(token, "string");
    this.#name = [start, end];
    this.#wanted = "colon";
    return fault;
  }

  #colon(token: Token): SyntaxFault | undefined {
    if (token.first !== ":") return this.#fault(token, "a colon is missing between the name of a member and its value");
    this.#wanted = "value";
    return undefined;
  }

  #next(token: Token): SyntaxFault | undefined {
    const group = this.#groups.at(-1);
    const isObject = group?.isObject === true;
    if (token.first === ",") {
      this.#rows.comma();
      this.#commaAt = token.start;
      this.#wanted = isObject ? "name" : "value";
      return undefined;
    }
    if (CLOSERS.has(token.first)) return this.#close(token);
    if (this.#isGlued(token)) return this.#glued(token);
    if (token.first === ":") return this.#fault(token, "a colon can only follow the name of a member");
    return this.#fault(token, `a comma is missing between two ${isObject ? "members" : "values"}`);
  }

  /** A closing bracket where a value or a name is wanted: legal only right after the opening one. */
  #closeEarly(token: Token): SyntaxFault | undefined {
    if (this.#wanted === "firstName" || this.#wanted === "firstValue") return this.#close(token);
    const group = this.#groups.at(-1);
    if (group === undefined) return this.#fault(token, `${token.first} closes nothing: no bracket is open`);
    if (this.#name !== undefined) return this.#fault(token, "the value of this member is missing");
    return syntaxFault(this.#text, this.#commaAt, 1, `a comma cannot stand before the closing ${token.first}`);
  }

  #close(token: Token): SyntaxFault | undefined {
    const group = this.#groups.at(-1);
    if (group === undefined) return this.#fault(token, `${token.first} closes nothing: no bracket is open`);
    if (group.isObject !== (token.first === "}")) {
      return this.#fault(token, `${token.first} cannot close ${this.#describe(group)}`);
    }
    this.#groups.pop();
    this.#rows.end(token.start, token.end);
    this.#wanted = this.#afterValue();
    return undefined;
  }

  /** `12abc`: the end of a word or number that began well. */
  #isGlued({ first, start }: Token): boolean {
    return start === this.#lastEnd && start > 0 && /[\w.+-]/.test(first);
  }

  #glued(token: Token): SyntaxFault {
    return this.#fault(token, "these characters cannot follow directly on the value before them");
  }

  #trailing(token: Token): SyntaxFault {
    if (this.#isGlued(token)) return this.#glued(token);
    return this.#fault(token, "there is more text after the end of the JSON value");
  }

  #badWord(token: Token): SyntaxFault {
    return this.#fault(token, wordReason(this.#text.slice(token.start, Math.min(token.end, token.start + 100))));
  }

  #slashReason({ start }: Token): string {
    const second = this.#text.charAt(start + 1);
    return second === "/" || second === "*" ? "JSON has no comments" : wordReason("/");
  }

  #atEnd(): SyntaxFault | undefined {
    if (this.#wanted === "nothing") return undefined;
    const group = this.#groups.at(-1);
    const reason =
      group === undefined
        ? "there is no JSON value here"
        : `the text ends here, but ${this.#describe(group)} is not closed`;
    return syntaxFault(this.#text, this.#text.length, 0, reason);
  }

  #describe(group: Group): string {
    return `the ${group.isObject ? "{" : "["} of line ${placeOf(this.#text, group.start).line}`;
  }

  #afterValue(): Wanted {
    return this.#groups.length === 0 ? "nothing" : "next";
  }

  #fault({ start, end }: Token, reason: string): SyntaxFault {
    return syntaxFault(this.#text, start, end - start, reason);
  }
}

/** NaN, which is what lies behind the end of the text, is none. */
function isJsonSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9";
}
