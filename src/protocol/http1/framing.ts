import type { Refusal } from "./faults.ts";
import { readLatin1 } from "./latin1.ts";
import type { ScannedHead } from "./head-scanner.ts";
import { ABSENT, type NotableFields, REPEATED } from "./notable-fields.ts";
import { digitValue, isToken, TAB } from "./octets.ts";
import { listMembers } from "./list-members.ts";

/** How the end of a body is told. `none`: there is no body, whatever the fields say. */
export type Framing =
  | { readonly type: "none" | "chunked" | "until-close" }
  | { readonly type: "length"; readonly bytes: number };

export const NO_BODY: Framing = { type: "none" };
export const CHUNKED: Framing = { type: "chunked" };
export const UNTIL_CLOSE: Framing = { type: "until-close" };

/** Minor version of a message: 10 stands for HTTP/1.0, 11 for HTTP/1.1. */
export type Version = 10 | 11;

/**
 * What Content-Length and Transfer-Encoding say, `undefined` when both are absent (RFC 9112 section 6.3). One number in
 * one line, or the one word chunked, with no TAB around it, in one line of HTTP/1.1: all else is refused, also where the RFC lets a recipient
 * repair it, because we pass the fields on unchanged and the next reader might repair them in another way.
 */
export function declaredFraming(
  head: ScannedHead,
  notable: NotableFields,
  version: Version,
  refusal: Refusal,
): Framing | undefined {
  const { contentLength, transferEncoding } = notable;
  if (transferEncoding !== ABSENT) {
    if (contentLength !== ABSENT) throw refusal("length-and-coding");
    if (version === 10) throw refusal("coding-in-http10");
    checkCoding(head, transferEncoding, refusal);
    return CHUNKED;
  }
  if (contentLength === ABSENT) return undefined;
  if (contentLength === REPEATED) throw refusal("content-length-repeated");
  return { type: "length", bytes: parseLength(head, contentLength, refusal) };
}

function checkCoding({ raw, fields }: ScannedHead, line: number, refusal: Refusal): void {
  if (line !== REPEATED && fields.isValued(line, "chunked")) {
    // A TAB may stand around any value, but not all readers take it away from this one: Node does not behind the word.
    if (raw.subarray(fields.nameEnd(line), fields.lineEnd(line)).includes(TAB)) throw refusal("transfer-coding");
    return;
  }
  const codings = listMembers(fields.values("transfer-encoding")).map((coding) => coding.toLowerCase());
  // An honest message in a coding that we do not know ends in chunked, once, and consists of tokens.
  const isHonest = codings.every(isToken) && codings.indexOf("chunked") === codings.length - 1;
  const isForeign = codings.length > 0 && codings.every(isToken) && !codings.includes("chunked");
  throw refusal(isForeign || (isHonest && codings.length > 1) ? "unknown-coding" : "transfer-coding");
}

function parseLength({ raw, fields }: ScannedHead, line: number, refusal: Refusal): number {
  const start = fields.valueStart(line);
  const end = fields.valueEnd(line);
  let length = 0;
  for (let i = start; i < end; i++) {
    const digit = digitValue(raw[i]);
    if (digit < 0) {
      const isList = readLatin1(raw, start, end).includes(",");
      throw refusal(isList ? "content-length-repeated" : "content-length");
    }
    length = length * 10 + digit;
    if (length > Number.MAX_SAFE_INTEGER) throw refusal("content-length");
  }
  if (start === end) throw refusal("content-length");
  return length;
}
