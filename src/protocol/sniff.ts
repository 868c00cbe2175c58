/** `mux` is the session of an agent, `unknown` nothing that a port of ours speaks. */
export type Sniffed = "more" | "tls" | "http1" | "mux" | "unknown";

const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR = 3;
/** What a method or the empty line before it can begin with: `tchar` of RFC 9110 section 5.6.2, CR, LF. */
const HTTP_START = /^[!#$%&'*+.^_`|~0-9A-Za-z\r\n-]/;

/**
 * Says what a visitor speaks from the first bytes of its connection; two are always enough. An agent's first frame begins
 * with a zero byte (protocol.md section 1), TLS with a handshake record of version 3 (RFC 8446 section 5.1). Everything
 * that could begin a method counts as HTTP, because a page that says what is wrong serves better than silence.
 */
export function sniff(start: Uint8Array): Sniffed {
  const [first, second] = start;
  if (first === undefined) return "more";
  if (first === 0) return "mux";
  if (first === TLS_HANDSHAKE) {
    if (second === undefined) return "more";
    return second === TLS_MAJOR ? "tls" : "unknown";
  }
  return HTTP_START.test(String.fromCharCode(first)) ? "http1" : "unknown";
}
