/** Whether a file still means the same after it was written in another version. */
import { isDeepStrictEqual } from "node:util";
import { UsageError } from "../../base/errors.ts";
import { buildAgentConfig, type AgentConfig } from "../agent-config.ts";
import type { AgentSettings } from "../agent-settings.ts";
import type { TunnelEntry } from "../tunnel-entry.ts";

/** What a version itself changes: the notes of the upgrade tell of it (reference.md 2.6). */
const OF_THE_VERSION: ReadonlySet<string> = new Set(["version", "update", "commandSchemes"]);

/** Names of the settings and tunnels that mean something else in the second file. */
export function changedMeanings(before: AgentSettings, after: AgentSettings): readonly string[] {
  const [one, other] = [meaningOf(before), meaningOf(after)];
  return [...new Set([...one.keys(), ...other.keys()])].filter(
    (name) => !isDeepStrictEqual(one.get(name), other.get(name)),
  );
}

function meaningOf(settings: AgentSettings): ReadonlyMap<string, unknown> {
  const { tunnels, ...config } = buildAgentConfig({
    files: [{ path: "", settings }],
    environment: {},
    flags: {},
    variables: {},
  });
  const names = Object.entries(config).filter(([name]) => !OF_THE_VERSION.has(name));
  const common = names.filter(([name]) => name !== "region" || hasRegion(settings, config));
  const entries = [...tunnels].map(([name, entry]) => [`tunnel "${name}"`, tunnelMeaning(entry)] as const);
  return new Map<string, unknown>([...common, ...entries]);
}

/** Nothing but an edge of one's own is ever in a region. */
function hasRegion({ regions }: AgentSettings, { serverAddress }: Omit<AgentConfig, "tunnels">): boolean {
  return regions !== undefined || serverAddress !== undefined;
}

/** Faults stay faults, wherever they stand now; settings that are missing stay missing, by whichever of their names. */
function tunnelMeaning({ definition }: TunnelEntry): unknown {
  if (definition instanceof UsageError) return "faulty";
  return {
    ...definition,
    unsupported: definition.unsupported.map((name) => name.replace("client_cas", "mutual_tls_cas")),
  };
}
