/** The edge's configuration with every choice made, from file, environment and flags. Knows nothing of disks. */
import { posix, win32 } from "node:path";
import { PublicError, UsageError } from "../base/errors.ts";
import { formatHostPort } from "../base/host-port.ts";
import type { LogSettings, LogTarget } from "../base/log-settings.ts";
import { hashToken } from "../model/access-token.ts";
import type { Cidr } from "../model/cidr.ts";
import type { PortRange } from "../model/port-range.ts";
import { checkWidth } from "../model/reservations.ts";
import { defaultDataDir, type Surroundings } from "./config-location.ts";
import { type AcmeConfig, acmeConfig, type AcmeSettings } from "./edge-acme.ts";
import { settingFor, type EdgeLayer } from "./edge-layer.ts";
import { EDGE_SETTINGS, type EdgeSettingName, type EdgeSettingValue } from "./edge-settings.ts";
import { excludeEachOther, type ListenAddress } from "./listen-address.ts";

export interface EdgeConfig {
  /** Base domains in lower case; never empty. The first one is where random names and names of `subdomain` go. */
  readonly domains: readonly string[];
  readonly http: ListenAddress | undefined;
  readonly https: ListenAddress | undefined;
  /** A port for agents alone, beside the https port. */
  readonly agents: ListenAddress | undefined;
  /** Ports that URLs show, where they differ from those listened on. */
  readonly publicPorts: { readonly http: number | undefined; readonly https: number | undefined };
  readonly tcpPorts: PortRange | undefined;
  /** Whose connections begin with a PROXY protocol header. */
  readonly trustedProxies: readonly Cidr[];
  /** PEM files for the base domain. */
  readonly certificate: { readonly crt: string; readonly key: string } | undefined;
  /** Absent: no public authority is asked. */
  readonly acme: AcmeConfig | undefined;
  /** Whether the local authority issues what nobody else does; there is another source of certificates when it does not. */
  readonly usesLocalCa: boolean;
  readonly region: string;
  readonly dataDir: string;
  readonly store: StoreSettings;
  readonly management: ManagementSettings;
  /** SHA-256 of each authtoken that is configured; {@link buildEdgeConfig} does not know those of `authtokenFile` yet. */
  readonly tokenHashes: readonly string[];
  readonly authtokenFile: string | undefined;
  /** Names and wildcards beyond the base domains that may be bound, lower case. */
  readonly reserved: readonly string[];
  /** Processes that share the ports. */
  readonly workers: number;
  readonly limits: EdgeLimits;
  readonly log: LogSettings;
  /** Never all addresses unless they were asked for. */
  readonly operator: ListenAddress | undefined;
  readonly accessLog: AccessLogSettings;
}

export interface StoreSettings {
  /** May hold a password. */
  readonly url: string;
  /** What private keys are sealed with: the key, or the file that holds it or will. */
  readonly secretsKey: Uint8Array | { readonly file: string };
}

export interface ManagementSettings {
  /** Beside the API's name at the https port. Never all addresses unless they were asked for. */
  readonly address: ListenAddress | undefined;
  /** As browsers write them. */
  readonly origins: readonly string[];
}

export interface AccessLogSettings {
  /** `log`: into the log of the edge. */
  readonly target: LogTarget | { readonly kind: "log" };
  readonly showsQuery: boolean;
}

export interface EdgeLimits {
  readonly maxSessions: number;
  readonly maxEndpointsPerSession: number;
  readonly maxStreamsPerSession: number;
  /** From the first byte of a request to the end of its head, and from the end of a TLS handshake to that byte. */
  readonly headTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  /** Without a byte in either direction. */
  readonly idleTimeoutMs: number;
  readonly drainTimeoutMs: number;
}

/**
 * Joins layers, later over earlier (lists are replaced as a whole), and fills in what none of them says. Throws UsageError when the
 * whole does not fit together.
 */
export function buildEdgeConfig(layers: readonly EdgeLayer[], surroundings: Surroundings): EdgeConfig {
  const layer: EdgeLayer = Object.assign({}, ...layers);
  const domains = distinct(valuesOf(layer, "domain"));
  if (domains.length === 0) throw new UsageError("no base domain: give --domain, GINNEL_DOMAIN or domain in the file");
  const [crt, key] = [valueOf(layer, "crt"), valueOf(layer, "key")];
  if ((crt === undefined) !== (key === undefined))
    throw new UsageError("crt and key need each other: give both or none");
  const [http, https, agents] = [valueOf(layer, "http"), valueOf(layer, "https"), valueOf(layer, "agents")];
  if (https === undefined && agents === undefined)
    throw new UsageError("agents could not reach this edge: both https and agents are off");
  const acme = acmeConfig(acmeSettings(layer), http !== undefined || https !== undefined);
  const usesLocalCa = valueOf(layer, "local-ca") ?? true;
  if (!usesLocalCa && crt === undefined && acme === undefined)
    throw new UsageError("agents could not reach this edge: local-ca is false, so it needs crt and key, or acme");
  const operator = valueOf(layer, "operator-addr");
  const management = valueOf(layer, "management-addr");
  refuseSharedAddress({ http, https, agents, "operator-addr": operator, "management-addr": management });
  return {
    domains,
    http,
    https,
    agents,
    publicPorts: { http: valueOf(layer, "public-http-port"), https: valueOf(layer, "public-https-port") },
    tcpPorts: valueOf(layer, "tcp-ports"),
    trustedProxies: valuesOf(layer, "trusted-proxies"),
    certificate: crt === undefined || key === undefined ? undefined : { crt, key },
    acme,
    usesLocalCa,
    region: valueOf(layer, "region") ?? "us",
    dataDir: valueOf(layer, "data") ?? defaultDataDir(surroundings),
    store: edgeStore(layers, surroundings),
    management: { address: management, origins: distinct(valuesOf(layer, "management-origins")) },
    tokenHashes: distinct(valuesOf(layer, "authtoken")).map(hashToken),
    authtokenFile: valueOf(layer, "authtoken-file"),
    reserved: reservedNames(layer, domains),
    workers: required(layer, "workers"),
    limits: limitsOf(layer),
    log: {
      target: valueOf(layer, "log") ?? { kind: "stdout" },
      level: valueOf(layer, "log-level") ?? "info",
      format: valueOf(layer, "log-format") ?? "term",
    },
    operator,
    accessLog: {
      target: valueOf(layer, "access-log") ?? { kind: "off" },
      showsQuery: valueOf(layer, "access-log-query") ?? false,
    },
  };
}

/** By the rule for wildcards that accounts reserve. */
function reservedNames(layer: EdgeLayer, baseDomains: readonly string[]): readonly string[] {
  const names = distinct(valuesOf(layer, "reserve"));
  for (const name of names) {
    try {
      checkWidth(name, { baseDomains, protectedNames: [] });
    } catch (cause) {
      if (!(cause instanceof PublicError)) throw cause;
      throw new UsageError(`reserve: ${cause.message}`, { cause });
    }
  }
  return names;
}

/** The system would say that another program has the port. */
function refuseSharedAddress(listening: Readonly<Record<string, ListenAddress | undefined>>): void {
  const users: [name: string, address: ListenAddress][] = [];
  for (const [name, address] of Object.entries(listening)) {
    if (address === undefined) continue;
    for (const [user, taken] of users) {
      if (!excludeEachOther(taken, address)) continue;
      const [first, second] = [formatHostPort(taken), formatHostPort(address)];
      const where = first === second ? first : `${first} and on ${second}, which share the port`;
      throw new UsageError(`${user} and ${name} cannot both listen on ${where}: change one of them`);
    }
    users.push([name, address]);
  }
}

/** The data folder alone, for commands that need nothing else of an edge. */
export function edgeDataDir(layers: readonly EdgeLayer[], surroundings: Surroundings): string {
  const layer: EdgeLayer = Object.assign({}, ...layers);
  return valueOf(layer, "data") ?? defaultDataDir(surroundings);
}

/** The store alone, for commands that need nothing else of an edge. */
export function edgeStore(layers: readonly EdgeLayer[], surroundings: Surroundings): StoreSettings {
  const layer: EdgeLayer = Object.assign({}, ...layers);
  const [key, keyFile] = [valueOf(layer, "secrets-key"), valueOf(layer, "secrets-key-file")];
  if (key !== undefined && keyFile !== undefined)
    throw new UsageError("secrets-key and secrets-key-file are two sources of one key: give one of them");
  // A machine without a home needs no folder when it is told both.
  const { join } = surroundings.platform === "win32" ? win32 : posix;
  const inDataDir = (name: string): string => join(edgeDataDir(layers, surroundings), name);
  return {
    url: valueOf(layer, "store") ?? `sqlite://${inDataDir("ginnel.db")}`,
    secretsKey: key ?? { file: keyFile ?? inDataDir("secrets.key") },
  };
}

function acmeSettings(layer: EdgeLayer): AcmeSettings {
  return {
    acme: valueOf(layer, "acme"),
    // Its usual value says nothing that somebody meant.
    "acme-agree": layer["acme-agree"] && valueOf(layer, "acme-agree"),
    "acme-contact": valueOf(layer, "acme-contact"),
    "acme-eab-kid": valueOf(layer, "acme-eab-kid"),
    "acme-eab-key": valueOf(layer, "acme-eab-key"),
    "acme-dns-hook": valueOf(layer, "acme-dns-hook"),
    "acme-dns-zones": layer["acme-dns-zones"] && distinct(valuesOf(layer, "acme-dns-zones")),
    "acme-roots": valueOf(layer, "acme-roots"),
  };
}

function limitsOf(layer: EdgeLayer): EdgeLimits {
  return {
    maxSessions: required(layer, "max-sessions"),
    maxEndpointsPerSession: required(layer, "max-endpoints"),
    maxStreamsPerSession: required(layer, "max-streams"),
    headTimeoutMs: required(layer, "head-timeout"),
    handshakeTimeoutMs: required(layer, "handshake-timeout"),
    idleTimeoutMs: required(layer, "idle-timeout"),
    drainTimeoutMs: required(layer, "drain-timeout"),
  };
}

/** The value with its usual one from the table, for settings of which every value is a number. */
function required(
  layer: EdgeLayer,
  name: "workers" | "max-sessions" | "max-endpoints" | "max-streams" | (`${string}-timeout` & EdgeSettingName),
): number {
  const setting = EDGE_SETTINGS[name];
  return setting.parse(layer[name]?.at(-1) ?? setting.usual);
}

function valueOf<N extends EdgeSettingName>(layer: EdgeLayer, name: N): EdgeSettingValue<N> | undefined {
  const { usual, parse } = settingFor(name);
  const text = layer[name]?.at(-1) ?? usual;
  return text === undefined ? undefined : parse(text);
}

function valuesOf<N extends EdgeSettingName>(layer: EdgeLayer, name: N): readonly EdgeSettingValue<N>[] {
  return layer[name]?.map((text) => settingFor(name).parse(text)) ?? [];
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
