/**
 * Where a tunnel leads on the private side (reference.md 1.6, clients.md X-05): parsing what users write and showing it the
 * way other programs compare it.
 */
import { bracketHost, parseHostPort, parsePort, type HostPort } from "../base/host-port.ts";
import { UsageError } from "../base/errors.ts";

/** What a tunnel carries, in the words of `proto:`. */
export type TunnelProto = "http" | "tcp" | "tls";

export const TUNNEL_PROTOS: readonly TunnelProto[] = ["http", "tcp", "tls"];

/**
 * `https` and `tls` mean that the upstream speaks TLS: the agent dials with TLS when it holds plain text (http tunnels, and
 * tls tunnels that it terminates) and hands bytes on untouched when they are encrypted already.
 */
export type UpstreamScheme = "http" | "https" | "tcp" | "tls";

export type UpstreamAddress =
  /** A host and port. `host` has no brackets. */
  | ({ readonly kind: "network"; readonly scheme: UpstreamScheme } & HostPort)
  /** A folder that the agent itself serves; an absolute path, POSIX or Windows. */
  | { readonly kind: "folder"; readonly path: string }
  /** A UNIX domain socket at an absolute path. */
  | { readonly kind: "unix"; readonly path: string };

const DEFAULT_PORT: Readonly<Partial<Record<UpstreamScheme, number>>> = { http: 80, https: 443 };
const SCHEMES_OF: Readonly<Record<TunnelProto, readonly UpstreamScheme[]>> = {
  http: ["http", "https"],
  tcp: ["tcp", "tls"],
  tls: ["tls", "tcp"],
};

/** Parses `addr` of a tunnel. Throws UsageError naming the input and what would be accepted. */
export function parseUpstreamAddress(input: string | number, proto: TunnelProto): UpstreamAddress {
  const text = String(input).trim();
  if (/^file:/i.test(text)) return parseFolder(text, proto);
  if (/^unix:/i.test(text)) return parseUnix(text);
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  if (scheme !== undefined && rest !== undefined) return parseUrl(text, scheme.toLowerCase(), rest, proto);
  return parseBare(text, proto);
}

/** The spelling of `config.addr` (reference.md 3.2): a URL for http, bare `host:port` for tcp, `tls://` only for TLS. */
export function formatUpstreamAddress(address: UpstreamAddress): string {
  switch (address.kind) {
    case "folder":
      return `file://${address.path.startsWith("/") ? "" : "/"}${address.path}`;
    case "unix":
      return `unix:${address.path}`;
    case "network": {
      const place = `${bracketHost(address.host)}:${address.port}`;
      return address.scheme === "tcp" ? place : `${address.scheme}://${place}`;
    }
    default:
      return address satisfies never;
  }
}

function parseBare(text: string, proto: TunnelProto): UpstreamAddress {
  const port = parsePort(text);
  // All digits are a port, never a host.
  if (port === undefined && /^\d+$/.test(text)) throw refuse(text, "a port is a number from 1 to 65535");
  refuseExtras(text, text);
  const place =
    port === undefined
      ? parseHostPort(text, proto === "http" ? DEFAULT_PORT.http : undefined)
      : { host: "localhost", port };
  if (place === undefined) throw refuse(text, whyNoPlace(text, proto));
  return { kind: "network", scheme: bareScheme(proto, place.port), host: place.host || "localhost", port: place.port };
}

/** Port 443 speaks TLS unless the user says otherwise with a scheme (reference.md 1.6, clients.md X-05). */
function bareScheme(proto: TunnelProto, port: number): UpstreamScheme {
  if (proto === "http") return port === 443 ? "https" : "http";
  return proto === "tls" && port === 443 ? "tls" : "tcp";
}

function parseUrl(text: string, scheme: string, rest: string, proto: TunnelProto): UpstreamAddress {
  const known = SCHEMES_OF[proto].find((candidate) => candidate === scheme);
  if (known === undefined) throw refuse(text, `${proto} tunnels lead to ${schemeList(proto)}, not ${scheme}://`);
  const authority = rest.endsWith("/") ? rest.slice(0, -1) : rest;
  refuseExtras(text, authority);
  const fallback = DEFAULT_PORT[known];
  if (authority === "" && fallback !== undefined)
    return { kind: "network", scheme: known, host: "localhost", port: fallback };
  const place = parseHostPort(authority, fallback);
  if (place === undefined) throw refuse(text, whyNoPlace(authority, proto));
  return { kind: "network", scheme: known, host: place.host || "localhost", port: place.port };
}

function refuseExtras(text: string, authority: string): void {
  if (authority.includes("@")) throw refuse(text, "it may not hold credentials");
  if (/[?#]/.test(authority)) throw refuse(text, "it may not have a query or fragment");
  if (/[/\\]/.test(authority)) throw refuse(text, "it may not have a path");
}

function parseFolder(text: string, proto: TunnelProto): UpstreamAddress {
  const [, written] = /^file:\/\/(.+)$/is.exec(text) ?? [];
  // The path is taken to the letter, without percent decoding: people write file://$PWD.
  const path = written !== undefined && /^\/[a-z]:[\\/]/i.test(written) ? written.slice(1) : written;
  if (path === undefined || !/^(?:\/|[a-z]:[\\/])/i.test(path) || path.includes("\0"))
    throw refuse(text, "a folder needs an absolute path, as in file:///srv/site");
  if (proto !== "http") throw refuse(text, "only http tunnels serve folders");
  return { kind: "folder", path };
}

function parseUnix(text: string): UpstreamAddress {
  const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
  if (!path.startsWith("/") || path.includes("\0"))
    throw refuse(text, "a socket needs an absolute path, as in unix:/run/app.sock");
  return { kind: "unix", path };
}

function whyNoPlace(authority: string, proto: TunnelProto): string {
  if (authority === "") return "it is empty; give a port such as 8080, or host:port";
  const port = /:([^:\]]*)$/.exec(authority)?.[1];
  if ((authority.match(/:/g)?.length ?? 0) > 1 && !authority.startsWith("[")) {
    return "IPv6 addresses stand in brackets, as in [::1]:8080";
  }
  if (port !== undefined && parsePort(port) === undefined) return "a port is a number from 1 to 65535";
  if (port === undefined && proto !== "http") return "the port is missing; write host:port";
  return "it is neither a port, host:port, nor a URL";
}

function schemeList(proto: TunnelProto): string {
  const network = SCHEMES_OF[proto].map((scheme) => `${scheme}://`);
  return [...network, ...(proto === "http" ? ["file://"] : []), "unix:"].join(", ");
}

function refuse(text: string, reason: string): UsageError {
  return new UsageError(`cannot forward to ${JSON.stringify(withoutCredentials(text))}: ${reason}`);
}

/** Errors are shown and logged; a password in a mistaken URL is not. */
function withoutCredentials(text: string): string {
  return text.replace(/(^|\/\/)[^/]*@/, "$1***@");
}
