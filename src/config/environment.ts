/** What environment variables say about the agent (reference.md 1.4, clients.md section 11). */
import { everyAgentField, settingsOf } from "./agent-fields.ts";
import { mergeAgentSettings, type AgentSettings } from "./agent-settings.ts";
import { blameValues, readBySchema } from "./config-problem.ts";

/** The shape of `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Keys of the configuration, each with our variable and the published one. Others that begin alike are ignored: old scripts set many. */
const VARIABLES = {
  authtoken: ["GINNEL_AUTHTOKEN", "NGROK_AUTHTOKEN"],
  api_key: ["GINNEL_API_KEY", "NGROK_API_KEY"],
  api_url: ["GINNEL_API_URL", "NGROK_API_BASE_URL"],
  server_addr: ["GINNEL_SERVER_ADDR", "NGROK_SERVER_ADDR"],
  root_cas: ["GINNEL_ROOT_CAS", "NGROK_ROOT_CAS"],
  web_publish: ["GINNEL_WEB_PUBLISH", "NGROK_WEB_PUBLISH"],
  remote_management: ["GINNEL_REMOTE_MANAGEMENT", "NGROK_REMOTE_MANAGEMENT"],
} as const;

/** Variables of the agent whose values are secrets. */
export const SECRET_VARIABLES_OF_AGENT: readonly string[] = [...VARIABLES.authtoken, ...VARIABLES.api_key];

/** The settings of our variables and, where one is not set, of the published one. Throws UsageError naming the variable. */
export function settingsOfEnvironment(environment: Environment): AgentSettings {
  const settings = Object.entries(VARIABLES).map(([key, [ours, published]]) => {
    const variable = environment[ours] ? ours : published;
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
