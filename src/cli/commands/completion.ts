/** `completion [SHELL]`: the script for a shell. `completion tunnels` is what those scripts ask while somebody types. */
import { basename } from "node:path";
import { UsageError } from "../../base/errors.ts";
import { nearestWord } from "../../base/nearest-word.ts";
import { loadAgentConfig } from "../../config/config-loader.ts";
import type { CommandContext } from "../command-context.ts";
import { bashScript } from "../completion/bash-script.ts";
import { completedCommands } from "../completion/completed-command.ts";
import { fishScript } from "../completion/fish-script.ts";
import { zshScript } from "../completion/zsh-script.ts";
import type { Invocation } from "../invocation.ts";
import { reachableCommands } from "../reachable-commands.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
type Shell = keyof typeof SCRIPTS;
const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

export async function run(
  { args: [word], flags }: Invocation<"completion">,
  { program, env, print }: CommandContext,
): Promise<number> {
  if (word === "tunnels") {
    await print(await tunnelNames(flags.config ?? [], env));
    return 0;
  }
  const script = SCRIPTS[shellOf(word, env["SHELL"])];
  await print(script(program, completedCommands(await reachableCommands(["api"]))));
  return 0;
}

/** One a line, for the line that somebody is typing. */
async function tunnelNames(configFlags: readonly string[], environment: CommandContext["env"]): Promise<string> {
  const { config } = await loadAgentConfig({ configFlags, environment, flags: {} });
  const names = [...config.tunnels.keys()].filter((name) => !/\p{Cc}/u.test(name));
  return names.map((name) => `${name}\n`).join("");
}

function shellOf(word: string | undefined, loginShell: string | undefined): Shell {
  const name = word ?? basename(loginShell ?? "");
  const shell = SHELLS.find((each) => each === name);
  if (shell !== undefined) return shell;
  if (name === "") throw new UsageError(`Name your shell: ${SHELLS.join(", ")}.`);
  const meant = nearestWord(name, SHELLS);
  const remedy = meant === undefined ? "" : `\nDid you mean ${meant}?`;
  throw new UsageError(`There is no completion for '${name}', only for ${SHELLS.join(", ")}.${remedy}`);
}
