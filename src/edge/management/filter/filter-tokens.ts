/**
 * The filters of lists (reference.md 8.2): an expression over `obj`, a record as it is shown, in a small part of CEL. This folder is
 * pure: texts, records and the time come as arguments. It knows no record and no page.
 *
 * Here: from text to words.
 */
import { FilterProblem } from "./filter-problem.ts";

/** In UTF-16 units: nobody writes so much. */
export const MAX_FILTER_LENGTH = 4096;

export type Token =
  | { readonly type: "text"; readonly value: string }
  | { readonly type: "number"; readonly value: number }
  /** A word, or a mark such as `&&`. */
  | { readonly type: "name" | "mark"; readonly value: string };

/** The first that fits is taken, so longer marks come first. */
const PATTERN =
  /\s+|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z_]\w*)|(?<text>"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')|(?<mark>&&|\|\||<=|>=|==|!=|[<>!().,[\]-])/y;

/** @throws FilterProblem */
export function filterTokens(text: string): readonly Token[] {
  if (text.length > MAX_FILTER_LENGTH) throw new FilterProblem(`it has more than ${MAX_FILTER_LENGTH} characters`);
  const tokens: Token[] = [];
  PATTERN.lastIndex = 0;
  for (let at = 0; at < text.length; at = PATTERN.lastIndex) {
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(text);
    if (match === null) throw new FilterProblem(`it cannot be read from ${JSON.stringify(text.slice(at, at + 12))} on`);
    const token = tokenOf(match.groups ?? {});
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

function tokenOf({ number, name, text, mark }: Readonly<Record<string, string | undefined>>): Token | undefined {
  if (number !== undefined) return { type: "number", value: Number(number) };
  if (name !== undefined) return { type: "name", value: name };
  if (text !== undefined) return { type: "text", value: unescaped(text.slice(1, -1)) };
  return mark === undefined ? undefined : { type: "mark", value: mark };
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9A-Fa-f]{4})|(.))/g, (_, code: string | undefined, letter = "") => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    const meant = ESCAPES[String(letter)];
    if (meant === undefined) throw new FilterProblem(`there is no escape \\${String(letter)}`);
    return meant;
  });
}
