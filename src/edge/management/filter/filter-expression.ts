/** From words to the tree of a filter, with whatever can be known to be wrong without a record. */
import { parseDurationMs } from "../../../base/duration.ts";
import { nearestWord } from "../../../base/nearest-word.ts";
import { FilterProblem } from "./filter-problem.ts";
import { filterTokens, type Token } from "./filter-tokens.ts";
import { instantOf } from "./instant.ts";

export type Comparison = "<" | "<=" | "==" | "!=" | ">=" | ">" | "in";

export type Expression =
  | { readonly type: "value"; readonly value: string | number | boolean | null }
  | { readonly type: "list"; readonly items: readonly Expression[] }
  /** Of the record, from outside in; never empty. */
  | { readonly type: "field"; readonly path: readonly string[] }
  | { readonly type: "now" }
  | { readonly type: "timestamp" | "size" | "not"; readonly of: Expression }
  | { readonly type: "shifted"; readonly of: Expression; readonly byMs: number }
  | { readonly type: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | {
      readonly type: "compare";
      readonly comparison: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    };

/** By field: words for its values beside the ones that are shown, and which of these each stands for. */
export type FilterWords = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Of brackets and of `!`: a tree is walked by calls. */
const MAX_DEPTH = 32;
const DAY_MS = 86_400_000;
const COMPARISONS: readonly string[] = ["<", "<=", "==", "!=", ">=", ">", "in"] satisfies readonly Comparison[];
const TRUE_OR_FALSE = new Set<Expression["type"]>(["not", "and", "or", "compare"]);
const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** `fields` are the names that records have. @throws FilterProblem */
export function parseFilter(text: string, fields: readonly string[], words: FilterWords): Expression {
  return new Parser(filterTokens(text), fields, words).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #fields: readonly string[];
  readonly #words: FilterWords;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], fields: readonly string[], words: FilterWords) {
    this.#tokens = tokens;
    this.#fields = fields;
    this.#words = words;
  }

  whole(): Expression {
    const expression = this.#condition(this.#or());
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw new FilterProblem(`${shown(rest)} is not expected there`);
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#takes("||")) left = { type: "or", left: this.#condition(left), right: this.#condition(this.#and()) };
    return left;
  }

  #and(): Expression {
    let left = this.#relation();
    while (this.#takes("&&")) {
      left = { type: "and", left: this.#condition(left), right: this.#condition(this.#relation()) };
    }
    return left;
  }

  #relation(): Expression {
    const left = this.#unary();
    const comparison = this.#comparison();
    if (comparison === undefined) return left;
    const right = this.#unary();
    if (this.#comparison() !== undefined) throw new FilterProblem("comparisons cannot be chained; join them with &&");
    return { type: "compare", comparison, left: this.#asShown(left, right), right: this.#asShown(right, left) };
  }

  /** A word that is compared with a field, or a list of some, as records show it. */
  #asShown(of: Expression, beside: Expression): Expression {
    if (of.type === "list") return { ...of, items: of.items.map((item) => this.#asShown(item, beside)) };
    if (of.type !== "value" || typeof of.value !== "string" || beside.type !== "field") return of;
    const words = this.#words.get(beside.path.join("."));
    return { ...of, value: words?.get(of.value) ?? of.value };
  }

  #comparison(): Comparison | undefined {
    const found = COMPARISONS.find((word) => this.#takes(word));
    return found as Comparison | undefined; // one of the list above
  }

  #unary(): Expression {
    if (this.#takes("!")) return this.#inside(() => ({ type: "not", of: this.#condition(this.#unary()) }));
    if (!this.#takes("-")) return this.#member();
    const number = this.#next();
    if (number?.type !== "number") throw new FilterProblem("a number is expected behind -");
    return { type: "value", value: -number.value };
  }

  #member(): Expression {
    let of = this.#primary();
    while (this.#takes(".")) {
      const method = this.#name();
      const isTime = of.type === "timestamp" || of.type === "shifted";
      if (!isTime || (method !== "add" && method !== "subtract")) {
        throw noMethod(method);
      }
      this.#expect("(");
      of = { type: "shifted", of, byMs: this.#duration() * (method === "add" ? 1 : -1) };
      this.#expect(")");
    }
    return of;
  }

  #primary(): Expression {
    const token = this.#next();
    if (token === undefined) throw new FilterProblem("it ends where something is missing");
    if (token.type === "text" || token.type === "number") return { type: "value", value: token.value };
    if (token.type === "name") return this.#named(token.value);
    if (token.value === "(") {
      return this.#inside(() => {
        const expression = this.#or();
        this.#expect(")");
        return expression;
      });
    }
    if (token.value === "[") return this.#inside(() => ({ type: "list", items: this.#items() }));
    throw new FilterProblem(`${shown(token)} is not expected there`);
  }

  #items(): readonly Expression[] {
    const items: Expression[] = [];
    if (this.#takes("]")) return items;
    do items.push(this.#or());
    while (this.#takes(","));
    this.#expect("]");
    return items;
  }

  #named(name: string): Expression {
    const constant = CONSTANTS.get(name);
    if (constant !== undefined) return { type: "value", value: constant };
    switch (name) {
      case "obj":
        return { type: "field", path: this.#path() };
      case "size":
      case "timestamp":
        this.#expect("(");
        return this.#inside(() => {
          const of = this.#or();
          this.#expect(")");
          if (name === "timestamp") checkTime(of);
          return { type: name, of };
        });
      case "time":
        this.#expect(".");
        if (this.#name() !== "now") throw new FilterProblem("of time there is only time.now");
        return { type: "now" };
      default:
        throw new FilterProblem(`${JSON.stringify(name)} is not known; known are obj, size, timestamp and time.now`);
    }
  }

  #path(): readonly string[] {
    const path: string[] = [];
    while (this.#takes(".")) path.push(this.#name());
    if (this.#takes("(")) throw noMethod(path.at(-1) ?? "");
    const [field] = path;
    if (field === undefined) throw new FilterProblem("a field is expected behind obj, such as obj.id");
    if (this.#fields.includes(field)) return path;
    const meant = nearestWord(field, this.#fields);
    const remedy = meant === undefined ? `they have ${this.#fields.join(", ")}` : `did you mean obj.${meant}?`;
    throw new FilterProblem(`these records have no field ${JSON.stringify(field)}; ${remedy}`);
  }

  #duration(): number {
    const token = this.#next();
    const [, days, rest = ""] = /^(?:(\d+)d)?(.*)$/.exec(token?.type === "text" ? token.value : "") ?? [];
    const restMs = rest === "" && days !== undefined ? 0 : parseDurationMs(rest);
    if (restMs === undefined || !(restMs >= 0)) throw new FilterProblem('a length of time is expected, such as "7d"');
    return Number(days ?? 0) * DAY_MS + restMs;
  }

  /** What can only be true or false, or a field, about which its record decides. */
  #condition(expression: Expression): Expression {
    const isOne =
      TRUE_OR_FALSE.has(expression.type) ||
      expression.type === "field" ||
      (expression.type === "value" && typeof expression.value === "boolean");
    if (!isOne) throw new FilterProblem('something that is true or false is expected, such as obj.id == "…"');
    return expression;
  }

  #inside<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new FilterProblem(`it is nested more than ${MAX_DEPTH} deep`);
    const inner = read();
    this.#depth -= 1;
    return inner;
  }

  #name(): string {
    const token = this.#next();
    if (token?.type !== "name") throw new FilterProblem("a name is expected behind .");
    return token.value;
  }

  #takes(word: string): boolean {
    const token = this.#tokens[this.#at];
    const isThere = token?.value === word && token.type === (word === "in" ? "name" : "mark");
    if (isThere) this.#at += 1;
    return isThere;
  }

  #expect(mark: string): void {
    if (!this.#takes(mark)) throw new FilterProblem(`${mark} is missing`);
  }

  #next(): Token | undefined {
    return this.#tokens[this.#at++];
  }
}

/** A time that is written down must be one: nothing would ever match. */
function checkTime(of: Expression): void {
  const isTime = of.type !== "value" || (typeof of.value === "string" && instantOf(of.value) !== undefined);
  if (!isTime) throw new FilterProblem('timestamp takes a time such as "2026-01-31T12:00:00Z"');
}

function noMethod(name: string): FilterProblem {
  return new FilterProblem(`there is no .${name}(); timestamps have .add and .subtract, and nothing else has any`);
}

function shown(token: Token): string {
  return token.type === "text" ? JSON.stringify(token.value) : String(token.value);
}
