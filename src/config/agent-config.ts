/** The agent's configuration with every choice made: files, environment and flags joined, defaults filled in. */
import { UsageError } from "../base/errors.ts";
import type { HostPort } from "../base/host-port.ts";
import type { LogSettings } from "../base/log-settings.ts";
import type { HttpScheme, TunnelDefinition } from "../model/tunnel-definition.ts";
import { environmentProxy } from "../protocol/outbound-proxy/environment-proxy.ts";
import type { OutboundProxy } from "../protocol/outbound-proxy/proxy-url.ts";
import { DEFAULT_SCHEMES } from "./agent-file.ts";
import { mergeAgentSettings, type AgentSettings, type ConfigVersion, type RootCas } from "./agent-settings.ts";
import { apiUrlOfEdge, type ApiUrl } from "./api-url.ts";
import type { Environment } from "./environment.ts";
import type { ListenAddress } from "./listen-address.ts";
import { startableTunnel, type TunnelEntry } from "./tunnel-entry.ts";

export interface AgentConfig {
  /** The files that were read, in order; empty when there was none. */
  readonly files: readonly string[];
  /** The newest version among them; `undefined` without files. A file that declares none is of version 1. */
  readonly version: ConfigVersion | undefined;
  readonly authtoken: string | undefined;
  readonly apiKey: string | undefined;
  /** Of the management API; `undefined` when neither it nor the name of the edge is known. */
  readonly apiUrl: ApiUrl | undefined;
  /** The edge to dial; `undefined` means the edge inside the agent. */
  readonly serverAddress: HostPort | undefined;
  /** The region asked for; the edge must report the same unless `regions` chose its address. */
  readonly region: string | undefined;
  readonly isRegionMapped: boolean;
  /** The edges that a region may be chosen from. */
  readonly regions: ReadonlyMap<string, HostPort>;
  readonly rootCas: RootCas;
  /** On the way to `serverAddress`; `undefined`: none. */
  readonly proxy: OutboundProxy | undefined;
  /** The one of the files, for whatever is dialled; before any that the environment names. */
  readonly configuredProxy: OutboundProxy | undefined;
  readonly connectInterface: string | undefined;
  readonly connectTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatToleranceMs: number;
  /** Asked for the edge's address only; empty: the system's resolver. */
  readonly dnsResolverIps: readonly string[];
  readonly skipsCrl: boolean;
  readonly crlUrl: string | undefined;
  readonly consoleUi: boolean | "iftty";
  readonly consoleUiColor: "transparent" | "black";
  readonly log: LogSettings;
  /** Where the web interface listens; `undefined` when it is switched off. */
  readonly web: WebSettings | undefined;
  /** Bytes of captured traffic to keep; `undefined` means that nothing is captured. */
  readonly captureLimitBytes: number | undefined;
  readonly metadata: string;
  readonly update: "never" | "check" | "install";
  readonly updateChannel: "stable" | "beta" | "unstable";
  readonly allowsRemoteManagement: boolean;
  readonly keepsLocalStorage: boolean;
  /** Endpoints of `http` on the command line without a choice of schemes (reference.md C-06). */
  readonly commandSchemes: readonly HttpScheme[];
  readonly tunnels: ReadonlyMap<string, TunnelEntry>;
}

export interface WebSettings {
  readonly address: ListenAddress;
  /** The user named the address, so a busy port is an error and no other one is searched. */
  readonly isExplicit: boolean;
  /** Hosts beyond the local ones: address, network, host, or `.suffix`. */
  readonly allowHosts: readonly string[];
  /** A tunnel may lead there without credentials; its visitors see the agent's status and nothing else. */
  readonly mayBePublished: boolean;
}

export const DEFAULT_WEB_ADDRESS: ListenAddress = { host: "127.0.0.1", port: 4040 };
export const DEFAULT_CAPTURE_LIMIT_BYTES = 50_000_000;

export interface AgentSources {
  readonly files: readonly { readonly path: string; readonly settings: AgentSettings }[];
  readonly environment: AgentSettings;
  readonly flags: AgentSettings;
  /** Its variables that name proxies count only where no file names one (reference.md 1.4). */
  readonly variables: Environment;
}

/** Joins the sources: flags over environment over files, later files over earlier ones. Throws UsageError for a region without a server, and for a variable without a usable proxy. */
export function buildAgentConfig({ files, environment, flags, variables }: AgentSources): AgentConfig {
  const layers = [...files.map(({ settings }) => settings), environment, flags];
  const settings = mergeAgentSettings(layers);
  const mapped = settings.region === undefined ? undefined : settings.regions?.get(settings.region);
  const serverAddress = serverAddressOf(settings, environment.serverAddress ?? flags.serverAddress, mapped);
  return {
    files: files.map(({ path }) => path),
    version: settings.version,
    authtoken: settings.authtoken,
    apiKey: settings.apiKey,
    apiUrl: settings.apiUrl ?? (serverAddress && apiUrlOfEdge(serverAddress)),
    serverAddress,
    region: settings.region,
    isRegionMapped: mapped !== undefined,
    regions: settings.regions ?? new Map(),
    rootCas: settings.rootCas ?? { kind: "trusted" },
    configuredProxy: settings.proxy,
    proxy: settings.proxy ?? (serverAddress && environmentProxy(variables, serverAddress)),
    connectInterface: settings.connectInterface,
    connectTimeoutMs: settings.connectTimeoutMs ?? 10_000,
    // Shorter than the published 10 s and 15 s, so that an agent is back within 15 s of a silent loss.
    heartbeatIntervalMs: settings.heartbeatIntervalMs ?? 5_000,
    heartbeatToleranceMs: settings.heartbeatToleranceMs ?? 5_000,
    dnsResolverIps: settings.dnsResolverIps ?? [],
    skipsCrl: settings.skipsCrl ?? false,
    crlUrl: settings.crlUrl,
    consoleUi: settings.consoleUi ?? "iftty",
    consoleUiColor: settings.consoleUiColor ?? "black",
    log: logOf(settings),
    web: webOf(settings),
    captureLimitBytes: captureLimitOf(settings.inspectDbSizeBytes ?? 0),
    metadata: settings.metadata ?? "",
    update: settings.installsUpdates === true ? "install" : settings.checksForUpdates === false ? "never" : "check",
    updateChannel: settings.updateChannel ?? "stable",
    allowsRemoteManagement: settings.allowsRemoteManagement ?? false,
    keepsLocalStorage: settings.keepsLocalStorage ?? true,
    commandSchemes: DEFAULT_SCHEMES[settings.version ?? 3],
    tunnels: settings.tunnels ?? new Map(),
  };
}

/**
 * The tunnels of these names, ready to start. Throws UsageError for an unknown name, listing the known ones and the files, and for
 * a definition that cannot start.
 */
export function tunnelsToStart(config: AgentConfig, names: Iterable<string>): readonly TunnelDefinition[] {
  return [...new Set(names)].map((name) => {
    const entry = config.tunnels.get(name);
    if (entry !== undefined) return startableTunnel(entry);
    const known = [...config.tunnels.keys()].sort().map((key) => `  ${key}`);
    const files = config.files.map((file) => `  ${file}`);
    throw new UsageError(
      [
        `Tunnel '${name}' is not defined in your configuration file.`,
        "Tunnels that you may start:",
        ...(known.length > 0 ? known : ["  (none)"]),
        "Configuration files that were read:",
        ...(files.length > 0 ? files : ["  (none)"]),
      ].join("\n"),
    );
  });
}

/** The tunnels of the configuration files that can be read. */
export function definedTunnels({ tunnels }: AgentConfig): readonly TunnelDefinition[] {
  return [...tunnels.values()].flatMap(({ definition }) => (definition instanceof UsageError ? [] : [definition]));
}

/** An address given for this run wins; else the region's own; else the address of the files (reference.md C-20). */
function serverAddressOf(
  { region, regions, serverAddress }: AgentSettings,
  ofThisRun: HostPort | undefined,
  mapped: HostPort | undefined,
): HostPort | undefined {
  if (ofThisRun !== undefined) return serverAddress;
  if (mapped !== undefined || serverAddress !== undefined) return mapped ?? serverAddress;
  if (region === undefined || regions === undefined || regions.size === 0) return undefined;
  throw new UsageError(
    `region "${region}" has no server; the regions of the configuration are ${[...regions.keys()].join(", ")}`,
  );
}

function logOf(settings: AgentSettings): LogSettings {
  // Without the console screen, the log is what is left to read (reference.md 1.5).
  const usual = settings.consoleUi === false && (settings.version ?? 3) > 1 ? "stdout" : "off";
  return {
    target: settings.logTarget ?? { kind: usual },
    level: settings.logLevel ?? "info",
    format: settings.logFormat ?? "term",
  };
}

function webOf({ webAddress, webAllowHosts = [], mayPublishWeb = false }: AgentSettings): WebSettings | undefined {
  if (webAddress === "off") return undefined;
  return {
    address: webAddress ?? DEFAULT_WEB_ADDRESS,
    isExplicit: webAddress !== undefined,
    allowHosts: webAllowHosts,
    mayBePublished: mayPublishWeb,
  };
}

function captureLimitOf(written: number): number | undefined {
  return written === 0 ? DEFAULT_CAPTURE_LIMIT_BYTES : written < 0 ? undefined : written;
}
