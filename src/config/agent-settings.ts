/**
 * What one source (a file, the environment, the flags) says about the agent, in one form for every version of the file; and laying
 * one source over another. Whatever a source does not mention is `undefined` here.
 */
import type { HostPort } from "../base/host-port.ts";
import type { LogFormat, LogLevel, LogTarget } from "../base/log-settings.ts";
import type { OutboundProxy } from "../protocol/outbound-proxy/proxy-url.ts";
import type { ApiUrl } from "./api-url.ts";
import type { ListenAddress } from "./listen-address.ts";
import type { TunnelEntry } from "./tunnel-entry.ts";

export type ConfigVersion = 1 | 2 | 3;

export type RootCas =
  /** The authority that the agent is built or enrolled with. */
  | { readonly kind: "trusted" }
  /** The operating system's authorities. */
  | { readonly kind: "host" }
  /** A PEM file; the path is as written. */
  | { readonly kind: "file"; readonly path: string };

export interface AgentSettings {
  /** The newest version among the files that were read. */
  readonly version?: ConfigVersion | undefined;
  readonly authtoken?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly apiUrl?: ApiUrl | undefined;
  readonly consoleUi?: boolean | "iftty" | undefined;
  readonly consoleUiColor?: "transparent" | "black" | undefined;
  /** http, https or socks5, with or without credentials: a secret. */
  readonly proxy?: OutboundProxy | undefined;
  /** As written: 0 means the usual size, -1 no capture at all. */
  readonly inspectDbSizeBytes?: number | undefined;
  readonly logLevel?: LogLevel | undefined;
  readonly logFormat?: LogFormat | undefined;
  readonly logTarget?: LogTarget | undefined;
  readonly metadata?: string | undefined;
  readonly region?: string | undefined;
  readonly regions?: ReadonlyMap<string, HostPort> | undefined;
  readonly rootCas?: RootCas | undefined;
  readonly serverAddress?: HostPort | undefined;
  /** Version 1: install updates unasked. */
  readonly installsUpdates?: boolean | undefined;
  /** Versions 2 and 3: look for updates. */
  readonly checksForUpdates?: boolean | undefined;
  readonly updateChannel?: "stable" | "beta" | "unstable" | undefined;
  readonly webAddress?: ListenAddress | "off" | undefined;
  readonly webAllowHosts?: readonly string[] | undefined;
  readonly mayPublishWeb?: boolean | undefined;
  readonly connectInterface?: string | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly heartbeatIntervalMs?: number | undefined;
  readonly heartbeatToleranceMs?: number | undefined;
  readonly dnsResolverIps?: readonly string[] | undefined;
  readonly skipsCrl?: boolean | undefined;
  readonly crlUrl?: string | undefined;
  readonly allowsRemoteManagement?: boolean | undefined;
  readonly keepsLocalStorage?: boolean | undefined;
  /** Tunnels and endpoints of the files by name. */
  readonly tunnels?: ReadonlyMap<string, TunnelEntry> | undefined;
}

/**
 * Lays later sources over earlier ones (reference.md 2.2): single values and lists are replaced, maps are joined by key, so that a
 * tunnel of the same name is replaced as a whole.
 */
export function mergeAgentSettings(sources: readonly AgentSettings[]): AgentSettings {
  const merged: AgentSettings = {};
  for (const source of sources) {
    const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined));
    const { regions, tunnels, version } = merged;
    Object.assign(merged, set, {
      regions: joinMaps(regions, source.regions),
      tunnels: joinMaps(tunnels, source.tunnels),
      version: newest(version, source.version),
    });
  }
  return merged;
}

function joinMaps<V>(earlier: ReadonlyMap<string, V> | undefined, later: ReadonlyMap<string, V> | undefined) {
  return earlier === undefined || later === undefined ? (later ?? earlier) : new Map([...earlier, ...later]);
}

function newest(one: ConfigVersion | undefined, other: ConfigVersion | undefined): ConfigVersion | undefined {
  return one === undefined || (other !== undefined && other > one) ? other : one;
}
