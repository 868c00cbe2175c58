import { isText, readLatin1 } from "./latin1.ts";
import { digitValue } from "./octets.ts";

/** Host and port as a request names them. */
export interface Authority {
  /** Lower case, without a closing dot; an IPv6 address keeps its brackets. Never empty. */
  readonly name: string;
  /** `undefined` when the request leaves it to the scheme. */
  readonly port: number | undefined;
}

const NAME = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/;
const IPV6 = /^\[[0-9a-f:.]{2,45}\]$/;
/** Longest name of the DNS (RFC 1035 section 2.3.4), with its closing dot. */
const NAME_LIMIT = 254;

/**
 * Reads `host[:port]` (RFC 9110 section 7.2). `undefined` when it is none: user information, percent-encoding and octets
 * that no name of the DNS has are refused, since programs behind us would not agree on the name.
 */
export function parseAuthority(text: string): Authority | undefined {
  const colon = text.indexOf(":", text.startsWith("[") ? text.indexOf("]") + 1 : 0);
  const host = (colon < 0 ? text : text.slice(0, colon)).toLowerCase();
  if (host.length > NAME_LIMIT || !(NAME.test(host) || IPV6.test(host))) return undefined;
  const port = colon < 0 ? undefined : parsePort(text.slice(colon + 1));
  if (port === "invalid") return undefined;
  return { name: host.endsWith(".") ? host.slice(0, -1) : host, port };
}

/**
 * The same of octets in Latin-1. Most requests name one of few hosts, so what was read lately is remembered: comparing
 * costs a tenth of reading.
 */
export function readAuthority(bytes: Uint8Array, start: number, end: number): Authority | undefined {
  const place = ((bytes[start] ?? 0) * 7 + (bytes[end - 1] ?? 0) * 5 + (end - start)) % READ_LATELY.length;
  const known = READ_LATELY[place];
  if (known !== undefined && isText(bytes, start, end, known.text)) return known.authority;
  const text = readLatin1(bytes, start, end);
  const authority = parseAuthority(text);
  if (authority !== undefined && text.length <= NAME_LIMIT) READ_LATELY[place] = { text, authority };
  return authority;
}

const READ_LATELY = Array.from<{ readonly text: string; readonly authority: Authority } | undefined>({ length: 64 });

/** An empty port is a legal way to leave it out (RFC 3986 section 3.2.3). */
function parsePort(text: string): number | undefined | "invalid" {
  if (text === "") return undefined;
  let port = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = digitValue(text.charCodeAt(i));
    if (digit < 0 || port > 65_535) return "invalid";
    port = port * 10 + digit;
  }
  return port >= 1 && port <= 65_535 ? port : "invalid";
}

/** Whether both name the same place when an absent port means `defaultPort`. */
export function isSameAuthority(a: Authority, b: Authority, defaultPort: number | undefined): boolean {
  return a.name === b.name && (a.port ?? defaultPort) === (b.port ?? defaultPort);
}
