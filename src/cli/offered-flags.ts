import type { CommandSpec } from "./command-spec.ts";
import type { FlagTable } from "./flag-spec.ts";
import { COMMON_FLAGS } from "./table/common-flags.ts";

/** What help and shells offer with a command: its own flags, then those common ones that mean something to it and that it does not hide. */
export function offeredFlags({ flags, commonFlags }: Pick<CommandSpec, "flags" | "commonFlags">): FlagTable {
  const heeded: readonly string[] = commonFlags ?? Object.keys(COMMON_FLAGS);
  const common = Object.entries(COMMON_FLAGS).filter(([name]) => heeded.includes(name) && !(name in flags));
  return { ...flags, ...Object.fromEntries(common) };
}
