/** A pair of a `Cookie` field. */
export interface Cookie {
  readonly name: string;
  /** As written, without the double quotes around it. */
  readonly value: string;
}

/** What a `Set-Cookie` field sets. */
export interface SetCookie extends Cookie {
  /** In the order written, names as written: `Path`, `HttpOnly`. `value` is `undefined` for those without an equals sign. */
  readonly attributes: readonly { readonly name: string; readonly value: string | undefined }[];
}

/** More cookies than browsers keep for a site, and more attributes than exist. */
const LIMIT = 1000;

/** The pairs of a `Cookie` field (RFC 6265 section 4.2); a pair without an equals sign is a value without a name. */
export function cookies(value: string): readonly Cookie[] {
  return pieces(value).map(pairOf);
}

/** A `Set-Cookie` field (RFC 6265 section 5.2). */
export function setCookie(value: string): SetCookie {
  const [pair = "", ...rest] = pieces(value);
  const attributes = rest.map((piece) => {
    const equals = piece.indexOf("=");
    return equals === -1
      ? { name: piece, value: undefined }
      : { name: piece.slice(0, equals).trim(), value: unquoted(piece.slice(equals + 1).trim()) };
  });
  return { ...pairOf(pair), attributes };
}

function pieces(value: string): readonly string[] {
  const all = value.split(";", LIMIT);
  return all.map((piece) => piece.trim()).filter((piece) => piece !== "");
}

function pairOf(piece: string): Cookie {
  const equals = piece.indexOf("=");
  if (equals === -1) return { name: "", value: piece };
  return { name: piece.slice(0, equals).trim(), value: unquoted(piece.slice(equals + 1).trim()) };
}

function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}
