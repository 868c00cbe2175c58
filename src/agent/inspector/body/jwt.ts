import { base64Bytes } from "./base64-bytes.ts";

/** A JSON Web Token (RFC 7519) taken apart. Nobody has checked its signature: whoever shows it has to say so. */
export interface UnverifiedJwt {
  /** JSON text of the header, as the sender wrote it. */
  readonly header: string;
  /** JSON text of the claims, as the sender wrote it. */
  readonly claims: string;
  /** Registered claims that are times (section 4.1), with what they say. Those that are no plausible time are left out. */
  readonly times: readonly { readonly name: "iat" | "nbf" | "exp"; readonly at: Date }[];
  /** False for the tokens of `"alg":"none"`. */
  readonly hasSignature: boolean;
}

/** Tokens travel in header fields, which have limits of this order. */
const LENGTH_LIMIT = 65_536;
const TIME_CLAIMS = ["iat", "nbf", "exp"] as const;
/** What `Date` can hold. */
const TIME_LIMIT_MS = 8.64e15;

/** `undefined` when the text is no signed token in compact form (RFC 7515 section 7.1); encrypted ones show nothing. */
export function decodeJwt(token: string): UnverifiedJwt | undefined {
  if (token.length > LENGTH_LIMIT) return undefined;
  const [header = "", claims = "", signature = "", ...rest] = token.split(".", 4);
  if (rest.length > 0 || !token.includes(".")) return undefined;
  const headerText = jsonObjectText(header);
  const claimsText = jsonObjectText(claims);
  if (headerText === undefined || claimsText === undefined) return undefined;
  const values = objectOf(claimsText) ?? {};
  const times = TIME_CLAIMS.flatMap((name) => {
    const seconds = values[name];
    if (typeof seconds !== "number" || Math.abs(seconds * 1000) > TIME_LIMIT_MS) return [];
    return [{ name, at: new Date(seconds * 1000) }];
  });
  return { header: headerText, claims: claimsText, times, hasSignature: signature !== "" };
}

function jsonObjectText(part: string): string | undefined {
  const bytes = base64Bytes(part);
  if (bytes === undefined) return undefined;
  const text = new TextDecoder().decode(bytes);
  return objectOf(text) === undefined ? undefined : text;
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // An object of unknown members; each is looked at before it is used.
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
