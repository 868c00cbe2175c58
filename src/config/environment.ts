/** What environment variables say about the agent (reference.md 1.4, clients.md section 11). */
import { everyAgentField, settingsOf } from "./agent-fields.ts";
import type { AgentSettings } from "./agent-settings.ts";
import { blameValues, readBySchema } from "./config-problem.ts";

/** The shape of `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Keys of the configuration, each with its variable's ending. Others that begin alike are ignored: old scripts set many. */
const VARIABLES = {
  authtoken: "AUTHTOKEN",
  api_key: "API_KEY",
  server_addr: "SERVER_ADDR",
  root_cas: "ROOT_CAS",
} as const;

/** The settings of `GINNEL_…` and, where that is not set, `NGROK_…` variables. Throws UsageError naming a bad value. */
export function settingsOfEnvironment(environment: Environment): AgentSettings {
  const fields = Object.entries(VARIABLES).flatMap(([key, ending]) => {
    const text = environment[`GINNEL_${ending}`] || environment[`NGROK_${ending}`];
    return text === undefined ? [] : [[key, text]];
  });
  const blame = blameValues("environment variables");
  return settingsOf(readBySchema(everyAgentField, Object.fromEntries(fields), { blame, typeName: "environment" }));
}

/**
 * The settings of flags, by the name of the flag: `log-level`, `region`, `server-addr`. A flag that was given twice arrives as a
 * list. Throws UsageError naming a bad value or a flag that sets nothing.
 */
export function settingsOfFlags(flags: Readonly<Record<string, string | readonly string[]>>): AgentSettings {
  const fields = Object.entries(flags).map(([name, value]) => [name.replaceAll("-", "_"), value]);
  const blame = blameValues("flags");
  return settingsOf(readBySchema(everyAgentField, Object.fromEntries(fields), { blame, typeName: "flags" }));
}
