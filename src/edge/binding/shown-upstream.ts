/** Longer than any address that a person would want to read on a page. In UTF-16 units. */
const LIMIT = 300;
const USER_INFO = /\/\/[^/?#]*@/g;

/**
 * What agents say about where they send visitors, fit for logs and for the pages that visitors see: without credentials, on one
 * line, not too long.
 */
export function shownUpstream(forwardsTo: string): string {
  const line = forwardsTo.replaceAll(/\p{Cc}+/gu, " ").replaceAll(USER_INFO, "//");
  return line.length > LIMIT ? `${line.slice(0, LIMIT)}…` : line;
}
