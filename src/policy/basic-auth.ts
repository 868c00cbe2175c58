/** HTTP Basic authentication (RFC 7617) as an endpoint demands it of its visitors. */
import { createHash, timingSafeEqual } from "node:crypto";

/** Published value (reference.md 7.5): clients of protected endpoints look for it. */
export const BASIC_REALM = "ngrok";

const SCHEME = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/** Decides about Authorization headers. Keeps digests of the accepted pairs, not the pairs. */
export class BasicAuth {
  readonly #digests: readonly Uint8Array[];

  /** `pairs` are `user:password`; the first colon separates, so a user name holds none. */
  constructor(pairs: readonly string[]) {
    this.#digests = pairs.map(digest);
  }

  /** Whether the credentials of a request are among the accepted pairs. Takes the same time whichever pair is close. */
  admits(authorization: string | undefined): boolean {
    const encoded = authorization === undefined ? undefined : SCHEME.exec(authorization)?.[1];
    if (encoded === undefined) return false;
    const given = digest(Buffer.from(encoded, "base64"));
    return this.#digests.map((known) => timingSafeEqual(known, given)).includes(true);
  }
}

/** Of the octets as sent: those that are no UTF-8 must not become the replacement character of another pair. */
function digest(pair: string | Uint8Array): Uint8Array {
  return createHash("sha256").update(pair).digest();
}
