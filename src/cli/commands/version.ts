/** `version`: one line that wrappers take apart (clients.md K-016). */
import { COMPATIBLE_VERSION, PRODUCT_VERSION } from "../../base/product-version.ts";
import type { CommandContext } from "../command-context.ts";
import type { Invocation } from "../invocation.ts";

export async function run(_: Invocation<"version">, { program, print }: CommandContext): Promise<number> {
  await print(`${program} version ${program === "ngrok" ? COMPATIBLE_VERSION : PRODUCT_VERSION}\n`);
  return 0;
}
