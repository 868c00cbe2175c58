/**
 * URLs of internal endpoints (reference.md 7.12): names below `.internal`, on any port, which only policies of the same account
 * lead to. Nobody reserves them, and they are each account's own. Knows spelling only.
 */
import { PublicError } from "../base/errors.ts";
import { parsePort } from "../base/host-port.ts";
import { isWildcardName, parseEndpointName } from "./endpoint-name.ts";

export type InternalScheme = "http" | "https" | "tls" | "tcp";

export interface InternalUrl {
  readonly scheme: InternalScheme;
  /** Lower case; of an endpoint it may be a wildcard. */
  readonly host: string;
  readonly port: number;
}

/** Before `.internal`. */
export const MAX_INTERNAL_LABELS = 5;

const USUAL_PORTS = { http: 80, https: 443, tls: 443, tcp: undefined } as const;

/** Whether a name, in lower case, can be none but an internal one. */
export function isInternalName(host: string): boolean {
  return host === "internal" || host.endsWith(".internal");
}

/**
 * The name in lower case: a host name, or a wildcard.
 * @throws PublicError with the code of the first rule that it breaks
 */
export function parseInternalName(text: string): string {
  const host = parseEndpointName(text);
  const labels = host.split(".").length - 1;
  if (!isInternalName(host) || labels === 0) throw unusable(text, "its name must end in .internal");
  if (labels > MAX_INTERNAL_LABELS) {
    throw unusable(text, `it may have at most ${MAX_INTERNAL_LABELS} labels before .internal`);
  }
  return host;
}

/**
 * Parses `https://api.internal`, `http://api.internal:8080`, `tcp://db.internal:5432`; only tcp has no usual port.
 * @throws PublicError
 */
export function parseInternalUrl(text: string): InternalUrl {
  const [, written = "", host = "", portText] = /^([a-z]+):\/\/([^:/?#@\s]+)(?::(\d+))?\/?$/i.exec(text) ?? [];
  const scheme = schemeOf(written.toLowerCase());
  if (scheme === undefined) throw unusable(text, "it is no URL of the scheme http, https, tls or tcp, and has no path");
  const port = portText === undefined ? USUAL_PORTS[scheme] : parsePort(portText);
  if (port === undefined) throw unusable(text, "it needs a port from 1 to 65535");
  return { scheme, host: parseInternalName(host), port };
}

/** Where a policy may forward to: an address, and no wildcard. @throws PublicError */
export function parseForwardTarget(text: string): InternalUrl {
  const url = parseInternalUrl(text);
  if (isWildcardName(url.host)) throw unusable(text, "it has to name one host, not a wildcard");
  return url;
}

/** The one spelling of it: without a port that is usual. */
export function formatInternalUrl({ scheme, host, port }: InternalUrl): string {
  return `${scheme}://${host}${port === USUAL_PORTS[scheme] ? "" : `:${port}`}`;
}

function schemeOf(text: string): InternalScheme | undefined {
  return text === "http" || text === "https" || text === "tls" || text === "tcp" ? text : undefined;
}

function unusable(url: string, reason: string): PublicError {
  return new PublicError("ERR_GINNEL_INTERNAL_URL", { url, reason });
}
