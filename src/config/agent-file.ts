/**
 * One configuration file of the agent, text to settings, in any version (reference.md 2.3 to 2.5). Knows nothing of disks and of
 * other files.
 */
import { UsageError } from "../base/errors.ts";
import type { HttpScheme, TunnelDefinition } from "../model/tunnel-definition.ts";
import { fieldsOfVersion1, fieldsOfVersion2, fieldsOfVersion3, KEYS_BELOW_AGENT, settingsOf } from "./agent-fields.ts";
import type { AgentSettings, ConfigVersion } from "./agent-settings.ts";
import { blameFile, readBySchema, readSource, type Blame } from "./config-problem.ts";
import { endpointName, readEndpoint } from "./endpoint-reader.ts";
import type { TunnelEntry } from "./tunnel-entry.ts";
import { readTunnel } from "./tunnel-reader.ts";
import type { YamlValue } from "./yaml-source.ts";

/** Endpoints of an http tunnel that chooses none, by the version of its file (reference.md C-06). */
export const DEFAULT_SCHEMES: Readonly<Record<ConfigVersion, readonly HttpScheme[]>> = {
  1: ["http", "https"],
  2: ["https"],
  3: ["https"],
};

/**
 * Reads one file. Throws UsageError with file, line and column for whatever it cannot be; faults inside single tunnels are kept with
 * them (see {@link TunnelEntry}).
 */
export function readAgentFile(file: string, text: string): AgentSettings {
  const source = readSource(file, text);
  const blame = blameFile(file, source);
  const version = versionOf(source.value, blame);
  const value = source.value ?? {};
  switch (version) {
    case 1: {
      const fields = readBySchema(fieldsOfVersion1, value, { blame, typeName: "config.Agent" });
      return { ...settingsOf(fields), version, tunnels: readTunnels(file, fields.tunnels, version, blame) };
    }
    case 2: {
      const fields = readBySchema(fieldsOfVersion2, value, { blame, typeName: "config.Agent" });
      return { ...settingsOf(fields), version, tunnels: readTunnels(file, fields.tunnels, version, blame) };
    }
    case 3: {
      const options = { blame, typeName: "config.Agent", elsewhere: KEYS_BELOW_AGENT };
      const fields = readBySchema(fieldsOfVersion3, value, options);
      const tunnels = readTunnels(file, fields.tunnels, version, blame);
      const endpoints = readEndpoints(file, fields.endpoints, blame);
      for (const name of endpoints.keys())
        if (tunnels.has(name)) throw blame(["tunnels", name], `tunnel "${name}" has the name of an endpoint`);
      return { ...settingsOf(fields.agent ?? {}), version, tunnels: new Map([...tunnels, ...endpoints]) };
    }
    default:
      return version satisfies never;
  }
}

/** The version that a parsed file declares; 1 when it declares none. */
export function versionOf(value: YamlValue, blame: Blame): ConfigVersion {
  const declared = value !== null && typeof value === "object" && "version" in value ? value.version : undefined;
  if (declared === undefined || declared === null) return 1;
  if (declared === "1" || declared === "2" || declared === "3") return declared === "1" ? 1 : declared === "2" ? 2 : 3;
  throw blame(["version"], `field version: expected 1, 2 or 3, found ${JSON.stringify(declared)}`);
}

function readTunnels(file: string, value: unknown, version: ConfigVersion, blame: Blame): Map<string, TunnelEntry> {
  if (value === undefined || value === null) return new Map();
  if (typeof value !== "object" || Array.isArray(value))
    throw blame(["tunnels"], "field tunnels: expected a map of names to definitions");
  const [defaultSchemes, isStrict] = [DEFAULT_SCHEMES[version], version > 1];
  const entries = Object.entries(value).map(([name, definition]: [string, unknown]) => {
    const inside: Blame = (path, message, cause) =>
      blame(["tunnels", name, ...path], `tunnel "${name}": ${message}`, cause);
    const read = () => readTunnel(name, definition, { blame: inside, isStrict, defaultSchemes });
    return [name, { name, file, definition: orFault(read) }] as const;
  });
  return new Map(entries);
}

function readEndpoints(file: string, value: unknown, blame: Blame): Map<string, TunnelEntry> {
  const endpoints = new Map<string, TunnelEntry>();
  if (value === undefined || value === null) return endpoints;
  if (!Array.isArray(value)) throw blame(["endpoints"], "field endpoints: expected a list");
  for (const [index, item] of value.entries()) {
    const inside: Blame = (path, message, cause) => blame(["endpoints", String(index), ...path], message, cause);
    const name = endpointName(item, inside);
    if (endpoints.has(name)) throw inside(["name"], `field name: "${name}" stands twice; names are unique`);
    const named: Blame = (path, message, cause) => inside(path, `endpoint "${name}": ${message}`, cause);
    endpoints.set(name, { name, file, definition: orFault(() => readEndpoint(name, item, named)) });
  }
  return endpoints;
}

function orFault(read: () => TunnelDefinition): TunnelDefinition | UsageError {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}
