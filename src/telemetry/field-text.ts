/** A fact of a log line as text, the same in every format: `nil` for nothing, lists as `[a b]`. Never throws. */

/** A fact longer than this is cut: one line must not fill a pipe. In UTF-16 units. */
const TEXT_LIMIT = 8192;

/** The text of any value. An Error gives its message, an object compact JSON, bytes their number. */
export function fieldText(value: unknown): string {
  const text = plainText(value);
  return text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text;
}

function plainText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "undefined":
      return "nil";
    case "object":
      return value === null ? "nil" : objectText(value);
    case "function":
      return "function";
    case "number":
    case "boolean":
    case "bigint":
    case "symbol":
      return value.toString();
  }
}

function objectText(value: object): string {
  if (value instanceof Error) return value.message === "" ? value.name : value.message;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  if (value instanceof URL) return value.href;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value) || value instanceof Set || value instanceof Map) {
    return `[${[...value].map(nestedText).join(" ")}]`;
  }
  return nestedText(value);
}

/** Inside a list or object: scalars as above, everything else as JSON, because lists of lists have no reader. */
function nestedText(value: unknown): string {
  if (typeof value !== "object" || value === null || value instanceof Error) return plainText(value);
  try {
    // A `toJSON` may answer undefined, which the type of stringify does not say.
    const json: string | undefined = JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === "bigint" ? String(inner) : inner instanceof Error ? inner.message : inner,
    );
    return json ?? "nil";
  } catch {
    return "unprintable";
  }
}
