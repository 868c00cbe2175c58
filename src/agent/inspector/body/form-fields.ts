import { decodePercent } from "./percent-text.ts";

/** One name and value of a form body or a query. */
export interface FormField {
  readonly name: string;
  /** `undefined` when there is no equals sign at all. */
  readonly value: string | undefined;
  /** Whether name or value could not be decoded cleanly. */
  readonly isBroken: boolean;
}

/** The fields of one form or query. */
export interface FormFields {
  /** In the order written, names that stand several times included. */
  readonly fields: readonly FormField[];
  /** Fields beyond the limit, which are not shown. */
  readonly omitted: number;
}

/** Nobody reads more rows than these; a body of `&a&a&a` has millions. */
const FIELD_LIMIT = 10_000;

/** Fields of an `application/x-www-form-urlencoded` text (WHATWG URL standard section 5.1). */
export function formFields(text: string): FormFields {
  const fields: FormField[] = [];
  let omitted = 0;
  for (let start = 0; start <= text.length;) {
    const found = text.indexOf("&", start);
    const end = found === -1 ? text.length : found;
    if (end > start && fields.length < FIELD_LIMIT) fields.push(fieldOf(text.slice(start, end)));
    else if (end > start) omitted++;
    start = end + 1;
  }
  return { fields, omitted };
}

/** Fields of the query in a request target such as `/path?a=1&b=2`; none when it has no query. */
export function queryFields(target: string): FormFields {
  const start = target.indexOf("?");
  return start === -1 ? { fields: [], omitted: 0 } : formFields(target.slice(start + 1).split("#", 1)[0] ?? "");
}

function fieldOf(piece: string): FormField {
  const equals = piece.indexOf("=");
  const name = decoded(equals === -1 ? piece : piece.slice(0, equals));
  const value = equals === -1 ? undefined : decoded(piece.slice(equals + 1));
  return { name: name.text, value: value?.text, isBroken: name.isBroken || value?.isBroken === true };
}

function decoded(written: string): ReturnType<typeof decodePercent> {
  return decodePercent(written.replaceAll("+", " "));
}
