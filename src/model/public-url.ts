/** The URL that a user asks for with `url` (reference.md 7.1, 7.12), and the older single parts of one. */
import { UsageError } from "../base/errors.ts";
import { parseHostPort, parsePort, type HostPort } from "../base/host-port.ts";
import { parseEndpointName, parseNameStart } from "./endpoint-name.ts";
import { isInternalName, parseInternalName } from "./internal-url.ts";
import type { HostWish, HttpScheme } from "./tunnel-definition.ts";
import type { TunnelProto } from "./upstream-address.ts";

export type PublicUrlWish =
  | { readonly scheme: HttpScheme | "tls"; readonly host: HostWish }
  | { readonly scheme: "tcp"; readonly address: HostPort | undefined };

const DEFAULT_SCHEME = { http: "https", tcp: "tcp", tls: "tls" } as const;
const USUAL_PORT = { http: 80, https: 443, tls: 443 } as const;
const SCHEMES_OF: Readonly<Record<TunnelProto, readonly string[]>> = {
  http: ["http", "https"],
  tcp: ["tcp"],
  tls: ["tls"],
};

/**
 * Parses a wanted URL: empty, `https://`, `app.example.com`, `https://app.example.com`, `tcp://host:port`, ... Which port a public
 * name may have is for the edge to say; the usual one of the scheme is left out. A missing scheme is the usual one of `proto`; without a `proto` (version 3 of the configuration) the scheme decides and https is usual.
 * Throws UsageError, or PublicError for a bad name.
 */
export function parsePublicUrl(text: string, proto?: TunnelProto): PublicUrlWish {
  const [, written, rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(text.trim()) ?? [];
  const scheme = written?.toLowerCase() ?? DEFAULT_SCHEME[proto ?? "http"];
  const allowed = proto === undefined ? Object.values(SCHEMES_OF).flat() : SCHEMES_OF[proto];
  if (!allowed.includes(scheme)) throw refuse(text, `its scheme must be ${allowed.map((s) => `${s}://`).join(" or ")}`);
  const authority = rest.endsWith("/") ? rest.slice(0, -1) : rest;
  if (/[/?#@]/.test(authority)) throw refuse(text, "it may not have a path, query or credentials");
  if (scheme === "tcp") return { scheme, address: authority === "" ? undefined : parseRemoteAddress(authority) };
  if (scheme !== "http" && scheme !== "https" && scheme !== "tls") throw refuse(text, `${scheme}:// is not served`);
  return { scheme, host: parseWebAuthority(text, authority, USUAL_PORT[scheme]) };
}

function parseWebAuthority(url: string, authority: string, usualPort: number): HostWish {
  const [, host = "", portText] = /^([^:]*)(?::(.*))?$/s.exec(authority) ?? [];
  const port = portText === undefined ? undefined : parsePort(portText);
  if (portText !== undefined && port === undefined) throw refuse(url, "its port must be 1 to 65535");
  if (isInternalName(host.toLowerCase())) return { kind: "host", host: parseInternalName(host), ...withPort(port) };
  if (host === "" && authority !== "") throw refuse(url, "it has no host name");
  if (host === "") return { kind: "random" };
  return { kind: "host", host: parseEndpointName(host), ...withPort(port === usualPort ? undefined : port) };
}

function withPort(port: number | undefined): { readonly port?: number } {
  return port === undefined ? {} : { port };
}

/** Parses `remote_addr`: `host:port`, or a port alone (`25565`, `:25565`; the host is then empty) on whichever host the edge has. */
export function parseRemoteAddress(text: string): HostPort {
  const port = parsePort(text);
  const address = port === undefined ? parseHostPort(text) : { host: "", port };
  if (address === undefined) throw refuse(text, "a remote address is host:port");
  if (isInternalName(address.host)) parseInternalName(address.host);
  return address;
}

/** Parses `subdomain`: what stands before the base domain. Letters, digits, hyphens, periods, and a leading `*`. */
export function parseSubdomain(text: string): HostWish {
  return { kind: "subdomain", label: parseNameStart(text) };
}

function refuse(text: string, reason: string): UsageError {
  return new UsageError(`cannot ask for the public address ${JSON.stringify(text)}: ${reason}`);
}
