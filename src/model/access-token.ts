/** The secrets that let agents (authtokens) and programs (API keys) in. Only their hashes are kept. */
import { createHash, timingSafeEqual } from "node:crypto";
import { suffixOf } from "../base/record-id.ts";

/** Of the part that nobody but the holder knows: 125 random bits. */
export const TOKEN_SECRET_CHARS = 21;

/** The id of the token's record without prefix, and the secret (reference.md 8.3). Earlier and foreign tokens look otherwise. */
const PUBLISHED_FORM = /^([0-9A-Za-z]{27})_[0-9A-Za-z]{21}$/;

const MAX_TOKEN_CHARS = 500;

/**
 * Why a text can be no token at any edge, as the end of a sentence about it; `undefined` when it can. Never tells what the text holds: most of
 * it may be a secret.
 */
export function tokenFault(text: string): string | undefined {
  if (text === "") return "is empty";
  if (text.length > MAX_TOKEN_CHARS) return `has more than ${MAX_TOKEN_CHARS} characters`;
  if (/\p{Cc}/u.test(text)) return "holds a line end or another control character";
  if (/\s/.test(text)) return "holds a space";
  return /^[!-~]+$/.test(text) ? undefined : "holds a character that is not of ASCII";
}

/** The token of a new record: `secret` is random, {@link TOKEN_SECRET_CHARS} characters of base62. */
export function accessTokenOf(recordId: string, secret: string): string {
  return `${suffixOf(recordId)}_${secret}`;
}

/** What the id of the token's record ends with; `undefined` when the token does not have the published form. */
export function idSuffixIn(token: string): string | undefined {
  return PUBLISHED_FORM.exec(token)?.[1];
}

/** SHA-256, lower-case hexadecimal digits. A plain hash suffices: tokens are random, not chosen by people. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Compares two hashes of {@link hashToken} in a time that does not tell how much of them is the same. */
export function isSameHash(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
