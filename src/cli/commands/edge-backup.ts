/** `edge backup FILE`: a copy of the records, for the day on which the machine is lost. */
import { resolve } from "node:path";
import { loadEdgeStore } from "../../config/config-loader.ts";
import type { CommandContext } from "../command-context.ts";
import { edgeSettingsOf } from "../edge/flags.ts";
import { backupEdgeStore } from "../edge/store.ts";
import type { Invocation } from "../invocation.ts";

export async function run({ args, flags }: Invocation<"edge backup">, context: CommandContext): Promise<number> {
  const { env, clock, print } = context;
  const settings = await loadEdgeStore({
    configFlags: flags.config ?? [],
    environment: env,
    flags: edgeSettingsOf(flags),
  });
  const file = resolve(args[0]);
  await backupEdgeStore(settings, clock, file);
  const key =
    settings.secretsKey instanceof Uint8Array
      ? "the secrets-key of the configuration"
      : resolve(settings.secretsKey.file);
  await print(
    `Records copied to: ${file}\n` +
      `Keep the key too, in another place: ${key}\nThe private keys in the copy open with no other.\n`,
  );
  return 0;
}
