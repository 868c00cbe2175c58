/** What environment variables say about the agent (reference.md 1.4, clients.md section 11). */
import { everyAgentField, settingsOf } from "./agent-fields.ts";
import { mergeAgentSettings, type AgentSettings } from "./agent-settings.ts";
import { blameValues, readBySchema } from "./config-problem.ts";

/** The shape of `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Keys of the configuration, each with its variable's ending. Others that begin alike are ignored: old scripts set many. */
const VARIABLES = {
  authtoken: "AUTHTOKEN",
  api_key: "API_KEY",
  server_addr: "SERVER_ADDR",
  root_cas: "ROOT_CAS",
  web_publish: "WEB_PUBLISH",
} as const;

/** The settings of `GINNEL_…` and, where that is not set, `NGROK_…` variables. Throws UsageError naming the variable. */
export function settingsOfEnvironment(environment: Environment): AgentSettings {
  const settings = Object.entries(VARIABLES).map(([key, ending]) => {
    const variable = environment[`GINNEL_${ending}`] ? `GINNEL_${ending}` : `NGROK_${ending}`;
    const blame = blameValues(`environment variable ${variable}`);
    return settingsOf(
      readBySchema(everyAgentField, { [key]: environment[variable] }, { blame, typeName: "environment" }),
    );
  });
  return mergeAgentSettings(settings);
}

/**
 * The settings of flags, by the name of the flag: `log-level`, `region`, `server-addr`. A flag that was given twice arrives as a
 * list. Throws UsageError naming the flag that has a bad value or sets nothing.
 */
export function settingsOfFlags(flags: Readonly<Record<string, string | readonly string[]>>): AgentSettings {
  const settings = Object.entries(flags).map(([name, value]) => {
    const blame = blameValues(`flag --${name}`);
    const field = { [name.replaceAll("-", "_")]: value };
    return settingsOf(readBySchema(everyAgentField, field, { blame, typeName: "flags" }));
  });
  return mergeAgentSettings(settings);
}
