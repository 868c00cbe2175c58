/** Header fields of a captured message in JSON (reference.md 3.4). */
import type { CapturedFields } from "../../capture/exchange.ts";
import { isToken } from "../../protocol/http1/octets.ts";

/** Canonical names, each with its values in the order received. */
export type FieldsView = Record<string, string[]>;

/** `without`: a name in lower case that is left out. */
export function fieldsView(fields: CapturedFields, without?: string): FieldsView {
  const view = new Map<string, string[]>();
  for (const [name, value] of fields) {
    if (name.toLowerCase() === without) continue;
    const key = canonicalName(name);
    const values = view.get(key);
    if (values === undefined) view.set(key, [octetText(value)]);
    else values.push(octetText(value));
  }
  return Object.fromEntries(view);
}

/** The value of the first field of the name (in lower case); empty when there is none. */
export function fieldValue(fields: CapturedFields, wanted: string): string {
  return fields.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? "";
}

/** `content-TYPE` is `Content-Type`; what is no name stays as it is, as in Go. */
export function canonicalName(name: string): string {
  if (!isToken(name)) return octetText(name);
  return name.toLowerCase().replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** Captures have a character for each octet; what they mean is UTF-8 at best. */
export function octetText(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}
