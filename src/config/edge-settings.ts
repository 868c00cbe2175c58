/**
 * The settings of an edge: one table for flags, environment, file and help. A flag `--tcp-ports`, the variable `GINNEL_TCP_PORTS`
 * and the key `tcp-ports` (or `tcp_ports`) are the same setting.
 */
import { parseDurationMs } from "../base/duration.ts";
import { UsageError } from "../base/errors.ts";
import { parsePort } from "../base/host-port.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../base/log-settings.ts";
import { parseCidr } from "../model/cidr.ts";
import { isWildcardName, parseEndpointName } from "../model/endpoint-name.ts";
import type { PortRange } from "../model/port-range.ts";
import { parseSecretsKey, SECRETS_KEY_SHAPE } from "../model/secrets-key.ts";
import { parseAuthority, parseExternalKey, parseMailAddress, parseZone } from "./edge-acme.ts";
import { expected } from "./fields.ts";
import { type ListenAddress, parseListenAddress } from "./listen-address.ts";
import { parseLogTarget } from "./log-target.ts";

/** `T` is the meaning of one value. */
export interface EdgeSetting<T> {
  /** What the value looks like, for help. */
  readonly shape: string;
  readonly help: string;
  /** As a user would write it; `undefined`: none, or one that depends on the machine (the help says which). */
  readonly usual?: string;
  /** May be given several times; in the environment with commas between. */
  readonly isList?: true;
  /** It is, or may hold, what gives rights to whoever reads it: programs that the edge runs are not told its variable. */
  readonly isSecret?: true;
  /** Throws UsageError, or PublicError for a bad name. What it says of a secret does not repeat it. */
  readonly parse: (text: string) => T;
}

export const EDGE_SETTINGS = {
  domain: {
    shape: "NAME",
    help: "base domain; endpoints get names one label below it (repeatable, required)",
    isList: true,
    parse: parseBaseDomain,
  },
  http: {
    shape: "ADDR",
    help: "listen for HTTP here, or off",
    usual: ":80",
    parse: (text) => parseListenAddress(text),
  },
  https: {
    shape: "ADDR",
    help: "listen for HTTPS, TLS and agents here, or off",
    usual: ":443",
    parse: (text) => parseListenAddress(text),
  },
  "public-http-port": {
    shape: "PORT",
    help: "port of http URLs, where it is not the one listened on (behind a load balancer, in a container)",
    parse: parsePublicPort,
  },
  "public-https-port": {
    shape: "PORT",
    help: "port of https and tls URLs, where it is not the one listened on",
    parse: parsePublicPort,
  },
  agents: {
    shape: "ADDR",
    help: "listen for agents here, beside the https port",
    usual: "off",
    parse: (text) => parseListenAddress(text),
  },
  // Below the ports that systems hand out to outgoing connections (32768 and up on Linux).
  "tcp-ports": {
    shape: "A-B",
    help: "ports of tcp endpoints, or off",
    usual: "20000-29999",
    parse: parsePortRange,
  },
  "trusted-proxies": {
    shape: "NETWORK",
    help: "network of load balancers that begin each connection with a PROXY protocol header, which says whose it is, such as 10.0.0.0/24 (repeatable)",
    isList: true,
    parse: parseCidr,
  },
  crt: { shape: "PATH", help: "PEM certificate chain of the base domain; needs key", parse: parsePath },
  key: { shape: "PATH", help: "PEM private key of the certificate", parse: parsePath },
  acme: {
    shape: "AUTHORITY",
    help: "have certificates from letsencrypt, letsencrypt-staging or the URL of another ACME directory, or off",
    usual: "off",
    isSecret: true,
    parse: parseAuthority,
  },
  "acme-agree": {
    shape: "BOOLEAN",
    help: "whether you agree to the terms of the authority, without which it issues nothing",
    usual: "false",
    parse: parseTruth,
  },
  "acme-contact": { shape: "MAIL", help: "where the authority may write to", parse: parseMailAddress },
  "acme-eab-kid": { shape: "ID", help: "external account at the authority; needs acme-eab-key", parse: parseText },
  "acme-eab-key": {
    shape: "KEY",
    help: "key of the external account, base64url; a file or the environment keeps it out of the process list",
    isSecret: true,
    parse: parseExternalKey,
  },
  "acme-dns-hook": {
    shape: "PATH",
    help: "program that sets DNS records, for wildcards; called with present or remove, record and value",
    parse: parsePath,
  },
  "acme-dns-zones": {
    shape: "DOMAIN",
    help: "further domain for whose names that program may be called, beside your own and reserved ones (repeatable)",
    isList: true,
    parse: parseZone,
  },
  "acme-roots": {
    shape: "PATH",
    help: "PEM authorities to trust when talking to the ACME server, in place of the usual ones",
    parse: parsePath,
  },
  "local-ca": {
    shape: "BOOLEAN",
    help: "whether the edge's own authority signs for names without another certificate; false: their TLS handshakes are refused",
    usual: "true",
    parse: parseTruth,
  },
  region: { shape: "CODE", help: "region code that agents are told", usual: "us", parse: parseRegion },
  data: {
    shape: "DIR",
    help: "folder for the local authority and other state (/var/lib/ginnel as root, else the user's state folder)",
    parse: parsePath,
  },
  store: {
    shape: "URL",
    help: "database of records, sqlite:///path or postgres://user:password@host/name; the environment keeps a password out of the process list (ginnel.db in the data folder)",
    isSecret: true,
    parse: parseStoreUrl,
  },
  "secrets-key-file": {
    shape: "PATH",
    help: "key that private keys in the database are sealed with; made when missing (secrets.key in the data folder)",
    parse: parsePath,
  },
  "secrets-key": {
    shape: "KEY",
    help: "that key itself, 64 hexadecimal digits, in place of a file; better in the environment, which keeps it out of the process list",
    isSecret: true,
    parse: secretsKey,
  },
  authtoken: {
    shape: "TOKEN",
    help: "token that agents must present (repeatable); a file or the environment keeps it out of the process list",
    isList: true,
    isSecret: true,
    parse: parseToken,
  },
  "authtoken-file": {
    shape: "PATH",
    help: "file of authtokens, one a line, # begins a comment",
    parse: parsePath,
  },
  reserve: {
    shape: "NAME",
    help: "further name or wildcard that may be bound, such as www.example.org or *.apps.example.com (repeatable)",
    isList: true,
    parse: parseEndpointName,
  },
  workers: {
    shape: "N",
    help: "processes that serve visitors and agents at the same ports: as many as the machine has processor cores to spare",
    usual: "1",
    parse: parseWorkers,
  },
  "max-sessions": { shape: "N", help: "agents at a time", usual: "1000", parse: parseCount },
  "max-endpoints": { shape: "N", help: "endpoints of one session", usual: "200", parse: parseCount },
  "max-streams": { shape: "N", help: "streams of one session at a time", usual: "10000", parse: parseCount },
  "head-timeout": {
    shape: "DURATION",
    help: "for a visitor to send a request head",
    usual: "30s",
    parse: parseTimeout,
  },
  "handshake-timeout": {
    shape: "DURATION",
    help: "for a TLS or session handshake",
    usual: "60s",
    parse: parseTimeout,
  },
  "idle-timeout": {
    shape: "DURATION",
    help: "without progress before a visitor is let go",
    usual: "5m",
    parse: parseTimeout,
  },
  "drain-timeout": {
    shape: "DURATION",
    help: "for running exchanges to end when the edge stops",
    usual: "30s",
    parse: parseTimeout,
  },
  "management-addr": {
    shape: "ADDR",
    help: "answer the management API here too, beside its name api below the base domain; in clear on addresses of this machine alone, else in TLS; a port alone is one of 127.0.0.1",
    usual: "off",
    parse: parseConfinedAddress,
  },
  "management-origins": {
    shape: "ORIGIN",
    help: "web origin whose pages may call the management API, such as https://console.example.org (repeatable)",
    isList: true,
    parse: parseOrigin,
  },
  "operator-addr": {
    shape: "ADDR",
    help: "answer /healthz, /readyz and /metrics here; a port alone is one of 127.0.0.1",
    usual: "off",
    parse: parseConfinedAddress,
  },
  "access-log": {
    shape: "TARGET",
    help: "note each exchange and connection: log (into the log), stdout, stderr, false or a path",
    usual: "false",
    parse: (text) => (text === "log" ? { kind: "log" as const } : parseLogTarget(text)),
  },
  "access-log-query": {
    shape: "BOOLEAN",
    help: "note the query of a request too; it may hold secrets",
    usual: "false",
    parse: parseTruth,
  },
  log: { shape: "TARGET", help: "stdout, stderr, false or a path", usual: "stdout", parse: parseLogTarget },
  "log-level": { shape: "LEVEL", help: LOG_LEVELS.join(", "), usual: "info", parse: wordOf(LOG_LEVELS) },
  "log-format": { shape: "FORMAT", help: LOG_FORMATS.join(", "), usual: "term", parse: wordOf(LOG_FORMATS) },
} as const satisfies Readonly<Record<string, EdgeSetting<unknown>>>;

export type EdgeSettingName = keyof typeof EDGE_SETTINGS;
export type EdgeSettingValue<N extends EdgeSettingName> = ReturnType<(typeof EDGE_SETTINGS)[N]["parse"]>;

function parseBaseDomain(text: string): string {
  if (text === "") throw expected("a domain name such as tunnel.example.org", text);
  const name = parseEndpointName(text);
  if (isWildcardName(name)) throw new UsageError("a base domain is written without *.; names below it are implied");
  return name;
}

/** An empty one, as of a variable that is not set, would mean the working directory. */
function parsePath(text: string): string {
  if (text === "") throw expected("a path", text);
  return text;
}

/** Only whoever opens it can say more. */
function parseStoreUrl(text: string): string {
  if (/^(?:sqlite|postgres|postgresql):./.test(text)) return text;
  // It may hold a password.
  throw new UsageError("expected a URL such as sqlite:///var/lib/ginnel/ginnel.db or postgres://user@host/name");
}

function secretsKey(text: string): Uint8Array {
  const key = parseSecretsKey(text);
  if (key === undefined) throw new UsageError(`expected ${SECRETS_KEY_SHAPE}`);
  return key;
}

/** As browsers write it. */
function parseOrigin(text: string): string {
  const url = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (text !== url.origin && text !== `${url.origin}/`))
    throw expected("a web origin such as https://console.example.org", text);
  return url.origin;
}

function parseText(text: string): string {
  if (!/^[!-~]{1,256}$/.test(text)) throw expected("1 to 256 printable characters without spaces", text);
  return text;
}

function parsePublicPort(text: string): number {
  const port = parsePort(text);
  if (port === undefined) throw expected("a port from 1 to 65535", text);
  return port;
}

/** `undefined`: no tcp endpoints. */
function parsePortRange(text: string): PortRange | undefined {
  if (text === "off" || text === "false") return undefined;
  const [, from = "", to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const [first, last] = [parsePort(from), parsePort(to)];
  if (first === undefined || last === undefined || first > last)
    throw expected("a range such as 20000-29999, or off", text);
  return { first, last };
}

function parseRegion(text: string): string {
  if (!/^[a-z0-9-]{1,32}$/.test(text)) throw expected("a code of lower-case letters, digits and hyphens", text);
  return text;
}

function parseToken(text: string): string {
  if (!/^[!-~]{1,256}$/.test(text)) throw new UsageError("a token is 1 to 256 printable characters without spaces");
  return text;
}

function parseCount(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw expected("a whole number of at least 1", text);
  return count;
}

/** Each keeps all that is online in memory. */
const MAX_WORKERS = 64;

function parseWorkers(text: string): number {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_WORKERS) throw expected(`a whole number from 1 to ${MAX_WORKERS}`, text);
  return count;
}

function parseTimeout(text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs === undefined || durationMs < 1) throw expected("a duration such as 30s or 5m", text);
  return durationMs;
}

/** Who reaches it can see or change what the edge does, so that all addresses must be asked for by name. */
function parseConfinedAddress(text: string): ListenAddress | undefined {
  const address = parseListenAddress(text, "127.0.0.1");
  if (address?.host === "") throw expected("an address with its host, such as 127.0.0.1:9090 or 0.0.0.0:9090", text);
  return address;
}

function parseTruth(text: string): boolean {
  if (text !== "true" && text !== "false") throw expected("true or false", text);
  return text === "true";
}

function wordOf<const W extends string>(words: readonly W[]): (text: string) => W {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw expected(`one of ${words.join(", ")}`, text);
    return word;
  };
}
