/** `help [command]`, and what `-h` of every command becomes. */
import { UsageError } from "../../base/errors.ts";
import { nearestWord } from "../../base/nearest-word.ts";
import type { CommandContext } from "../command-context.ts";
import { findCommand, nextWords } from "../command-table.ts";
import { commandHelp, programHelp } from "../help-text.ts";
import type { Invocation } from "../invocation.ts";
import { reachableCommands } from "../reachable-commands.ts";

/** Throws {@link UsageError} for a command that does not exist. */
export async function run({ args }: Invocation<"help">, { program, print }: CommandContext): Promise<number> {
  if (args.length === 0) {
    await print(programHelp(program));
    return 0;
  }
  const words = args.join(" ");
  const table = await reachableCommands(args);
  const found = findCommand(words, table);
  if (found === undefined) {
    const nearest = nearestWord(words, nextWords(args.slice(0, -1).join(" "), table));
    const remedy = nearest === undefined ? `Run '${program} help' for all commands.` : `Did you mean '${nearest}'?`;
    throw new UsageError(`Unknown command '${words}'.\n${remedy}`);
  }
  await print(commandHelp(found.name, found.spec, program, table));
  return 0;
}
