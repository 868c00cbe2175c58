/** `config add-api-key`. */
import type { CommandContext } from "../command-context.ts";
import type { Invocation } from "../invocation.ts";
import { saveAndTell } from "../save-setting.ts";
import { tokenArgument } from "../token-argument.ts";

export async function run(
  { args: [key], flags }: Invocation<"config add-api-key">,
  context: CommandContext,
): Promise<number> {
  return saveAndTell("apiKey", tokenArgument("API key", key), { config: flags.config, context });
}
