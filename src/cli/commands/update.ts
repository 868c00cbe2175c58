/** `update`: wrappers run it after install and expect success whatever is configured (clients.md K-017). */
import type { CommandContext } from "../command-context.ts";
import type { Invocation } from "../invocation.ts";

export async function run(_: Invocation<"update">, { print }: CommandContext): Promise<number> {
  await print("No update source is configured; nothing was changed.\n");
  return 0;
}
