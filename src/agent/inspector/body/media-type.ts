/**
 * A `Content-Type` or `Content-Disposition` value taken apart (RFC 9110 section 8.3.1, RFC 6266 section 4.1). Lenient, as
 * the value is a stranger's: what cannot be read is left out, and nothing is ever thrown.
 */
export interface ParameterizedValue {
  /** Lower case, without parameters: `application/json`, `form-data`. Empty when there is none. */
  readonly value: string;
  /** By lower-case name; the first of a name counts. Quotes are removed, and backslashes before a quote or backslash. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Who needs more parameters than this on one line is no sender we have to show well. */
const PARAMETER_LIMIT = 100;
const VALUE_END = /[;,]|$/g;
/** One parameter with the semicolon before it; sticky, and each branch begins with another character, so it never goes back far. */
const PARAMETER = /;[ \t]*([^\s;="]*)[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)"?|([^;]*)))?[^;]*/y;

/** Takes a header value apart. `text` is what stood after the colon; `undefined` reads like an empty one. */
export function parseParameterized(text: string | undefined): ParameterizedValue {
  const source = text ?? "";
  VALUE_END.lastIndex = 0;
  const end = VALUE_END.exec(source)?.index ?? source.length;
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = end;
  for (let i = 0; i < PARAMETER_LIMIT; i++) {
    const [, name = "", quoted, plain] = PARAMETER.exec(source) ?? [];
    if (PARAMETER.lastIndex === 0) break;
    const key = name.toLowerCase();
    if (key === "" || parameters.has(key)) continue;
    parameters.set(key, quoted === undefined ? (plain ?? "").trim() : quoted.replaceAll(/\\(["\\])/g, "$1"));
  }
  return { value: source.slice(0, end).trim().toLowerCase(), parameters };
}
