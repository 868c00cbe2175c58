/** `config add-authtoken`, and its older name `authtoken`. */
import type { CommandContext } from "../command-context.ts";
import type { Invocation } from "../invocation.ts";
import { saveAndTell } from "../save-setting.ts";
import { tokenArgument } from "../token-argument.ts";

export async function run(
  { args: [token], flags }: Invocation<"authtoken"> | Invocation<"config add-authtoken">,
  context: CommandContext,
): Promise<number> {
  return saveAndTell("authtoken", tokenArgument("authtoken", token), { config: flags.config, context });
}
