/**
 * The global keys of the agent's configuration (reference.md 2.3) in the spelling of each version, and what they mean. Environment
 * and flags use the same names.
 */
import { z } from "zod";
import { parseByteSize } from "../base/byte-size.ts";
import { parseHostPort, type HostPort } from "../base/host-port.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../base/log-settings.ts";
import { MAX_METADATA_BYTES } from "../model/tunnel-definition.ts";
import { type OutboundProxy, parseProxyUrl } from "../protocol/outbound-proxy/proxy-url.ts";
import type { AgentSettings, RootCas } from "./agent-settings.ts";
import { parseApiUrl } from "./api-url.ts";
import {
  booleanField,
  durationField,
  expected,
  limitedTextField,
  listField,
  mapField,
  parsedField,
  rawField,
  textField,
  wordField,
} from "./fields.ts";
import { parseListenAddress, type ListenAddress } from "./listen-address.ts";
import { parseLogTarget } from "./log-target.ts";

const SERVER_PORT = 443;
const LOOPBACK = "127.0.0.1";

const COMMON = {
  authtoken: textField(),
  console_ui: parsedField(parseConsoleUi),
  console_ui_color: wordField(["transparent", "black"]),
  inspect_db_size: parsedField(parseDbSize),
  log_level: wordField(LOG_LEVELS),
  log_format: wordField(LOG_FORMATS),
  log: parsedField(parseLogTarget),
  metadata: limitedTextField(MAX_METADATA_BYTES),
  region: textField(),
  regions: mapField(parseServerAddress),
  update_channel: wordField(["stable", "beta", "unstable"]),
  web_addr: parsedField(parseWebAddress),
  web_publish: booleanField(),
};

const SINCE_2 = {
  api_key: textField(),
  api_url: parsedField(parseApiUrl),
  proxy_url: parsedField(parseProxy),
  update_check: booleanField(),
  web_allow_hosts: listField((text) => text),
  connect_interface: textField(),
  connect_timeout: durationField(),
  heartbeat_interval: durationField(),
  heartbeat_tolerance: durationField(),
  dns_resolver_ips: listField((text) => text),
  crl_noverify: booleanField(),
  remote_management: booleanField(),
};

const UNTIL_2 = { root_cas: parsedField(parseRootCas), server_addr: parsedField(parseServerAddress) };

const ONLY_1 = {
  compress_conn: booleanField(),
  http_proxy: parsedField(parseProxy),
  socks5_proxy: parsedField(parseProxy),
  update: booleanField(),
};

const ONLY_3 = {
  connect_cas: parsedField(parseRootCas),
  connect_url: parsedField(parseServerAddress),
  crl_url: textField(),
  local_storage: booleanField(),
};

/** `tunnels` is read entry by entry, see agent-file.ts. */
const TOP = { version: textField(), tunnels: rawField() };

const NO_MAP = { error: "expected a map of settings" };

/** Version 1 passes over unknown keys, and takes the later names as well. */
export const fieldsOfVersion1 = z.object({ ...TOP, ...COMMON, ...SINCE_2, ...UNTIL_2, ...ONLY_1 }, NO_MAP);
export const fieldsOfVersion2 = z.strictObject({ ...TOP, ...COMMON, ...SINCE_2, ...UNTIL_2 }, NO_MAP);
const agentFieldsOfVersion3 = z.strictObject({ ...COMMON, ...SINCE_2, ...ONLY_3 }, NO_MAP);
export const fieldsOfVersion3 = z.strictObject(
  {
    ...TOP,
    agent: z.preprocess((value) => value ?? {}, agentFieldsOfVersion3).optional(),
    endpoints: rawField(),
  },
  NO_MAP,
);

/** Names of the keys that stand below `agent` in version 3. */
export const KEYS_BELOW_AGENT: readonly string[] = Object.keys(agentFieldsOfVersion3.shape).map(
  (key) => `agent.${key}`,
);

/** Every global key of every version: what flags and environment may set. */
export const everyAgentField = z.strictObject({ ...COMMON, ...SINCE_2, ...UNTIL_2, ...ONLY_1, ...ONLY_3 });

export type AgentFields = Partial<z.output<typeof everyAgentField>>;

/** From the keys of any version to the one form. */
export function settingsOf(fields: AgentFields): AgentSettings {
  return {
    authtoken: fields.authtoken,
    apiKey: fields.api_key,
    apiUrl: fields.api_url,
    consoleUi: fields.console_ui,
    consoleUiColor: fields.console_ui_color,
    // Version 1 has a key for each kind of proxy, and its sample switches one off beside the other (reference.md C-12).
    proxy: fields.proxy_url ?? fields.http_proxy ?? fields.socks5_proxy,
    inspectDbSizeBytes: fields.inspect_db_size,
    logLevel: fields.log_level,
    logFormat: fields.log_format,
    logTarget: fields.log,
    metadata: fields.metadata,
    region: fields.region,
    regions: fields.regions === undefined ? undefined : new Map(Object.entries(fields.regions)),
    rootCas: fields.connect_cas ?? fields.root_cas,
    serverAddress: fields.connect_url ?? fields.server_addr,
    installsUpdates: fields.update,
    checksForUpdates: fields.update_check,
    updateChannel: fields.update_channel,
    webAddress: fields.web_addr,
    webAllowHosts: fields.web_allow_hosts,
    mayPublishWeb: fields.web_publish,
    connectInterface: fields.connect_interface,
    connectTimeoutMs: fields.connect_timeout,
    heartbeatIntervalMs: fields.heartbeat_interval,
    heartbeatToleranceMs: fields.heartbeat_tolerance,
    dnsResolverIps: fields.dns_resolver_ips,
    skipsCrl: fields.crl_noverify,
    crlUrl: fields.crl_url,
    allowsRemoteManagement: fields.remote_management,
    keepsLocalStorage: fields.local_storage,
  };
}

/** Parses `server_addr` and `connect_url`: `host` or `host:port`. */
export function parseServerAddress(text: string): HostPort {
  const address = parseHostPort(text, SERVER_PORT);
  if (address === undefined || address.host === "") throw expected("host:port of the edge", text);
  return address;
}

function parseRootCas(text: string): RootCas {
  return text === "trusted" || text === "host" ? { kind: text } : { kind: "file", path: text };
}

/** Parses the URL of an outbound proxy; `false` counts as unset. The message never shows it: it may hold a password. */
function parseProxy(text: string): OutboundProxy | undefined {
  return text === "false" ? undefined : parseProxyUrl(text);
}

function parseConsoleUi(text: string): boolean | "iftty" {
  if (text === "iftty") return text;
  if (text !== "true" && text !== "false") throw expected("true, false or iftty", text);
  return text === "true";
}

function parseDbSize(text: string): number {
  const size = text === "-1" ? -1 : parseByteSize(text);
  if (size === undefined) throw expected("bytes, 0 for the usual size or -1 for none", text);
  return size;
}

function parseWebAddress(text: string): ListenAddress | "off" {
  return parseListenAddress(text, LOOPBACK) ?? "off";
}
