/** The commands that a line can mean. */
import type { CommandTable } from "./command-spec.ts";
import { COMMANDS } from "./command-table.ts";
import type { API_COMMAND } from "./table/api-command.ts";

/**
 * Every command, for words of which one is `api`; without that, all but those below `api`. They are made from the schemas of the API,
 * which take longer to load than most commands to run.
 */
export async function reachableCommands(words: readonly string[]): Promise<CommandTable> {
  if (!words.includes("api" satisfies keyof typeof API_COMMAND)) return COMMANDS;
  const { API_COMMANDS } = await import("./api/api-commands.ts");
  return { ...COMMANDS, ...API_COMMANDS };
}
