/** `credits`: the licences of what is built in. The text is made by scripts/lib/credits.ts. */
import type { CommandContext } from "../command-context.ts";
import credits from "../credits.txt" with { type: "text" };
import type { Invocation } from "../invocation.ts";

export async function run(_: Invocation<"credits">, { print }: CommandContext): Promise<number> {
  await print(credits);
  return 0;
}
