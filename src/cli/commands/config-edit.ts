/** `config edit`: the configuration file in the user's editor. */
import { writablePath } from "../../config/config-saver.ts";
import { askOnTerminal } from "../ask.ts";
import type { CommandContext } from "../command-context.ts";
import { editConfig } from "../config-edit.ts";
import { edit } from "../editor.ts";
import type { Invocation } from "../invocation.ts";

export async function run(
  { flags }: Invocation<"config edit">,
  { env, print, signal }: CommandContext,
): Promise<number> {
  const path = await writablePath({ configFlags: flags.config ?? [], environment: env });
  return editConfig(path, {
    edit: (file) => edit(file, env),
    ask: (question) => askOnTerminal(question, signal),
    print,
  });
}
