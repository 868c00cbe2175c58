/** Common flags that are settings of the agent, as the loader of its configuration takes them. */
import type { AgentSettings } from "../config/agent-settings.ts";
import { settingsOfFlags } from "../config/environment.ts";

const SETTING_FLAGS = ["authtoken", "region", "server-addr", "root-cas", "log", "log-format", "log-level"] as const;

type SettingFlags = { readonly [N in (typeof SETTING_FLAGS)[number]]?: string | undefined };

/** Throws UsageError naming a bad value. */
export function agentSettingsOf(flags: SettingFlags): AgentSettings {
  const given = SETTING_FLAGS.flatMap((name) => {
    const text = flags[name];
    return text === undefined ? [] : [[name, text] as const];
  });
  return settingsOfFlags(Object.fromEntries(given));
}
