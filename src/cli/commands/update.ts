/** `update`: wrappers run it after install and expect success whatever is configured (clients.md K-017). */
import { ERRORS } from "../../base/error-catalogue.ts";
import type { CommandContext } from "../command-context.ts";
import type { Invocation } from "../invocation.ts";

export async function run(_: Invocation<"update">, { print }: CommandContext): Promise<number> {
  await print(`${ERRORS.ERR_GINNEL_NO_UPDATE.text()}\n`);
  return 0;
}
