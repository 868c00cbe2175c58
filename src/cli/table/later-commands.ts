/** Published commands that do not exist yet: refused by name whatever follows them, so that nobody waits for an effect. */
import { NO_ARGUMENT, type CommandSpec, type CommandTable } from "../command-spec.ts";

function later<const S extends string>(summary: S) {
  return {
    kind: "notYet",
    summary,
    description: "Not yet supported.",
    argument: NO_ARGUMENT,
    examples: [],
    flags: {},
  } as const satisfies CommandSpec;
}

export const LATER_COMMANDS = {
  tunnel: later("open a tunnel with labels"),
  service: later("run as a service of the system"),
} as const satisfies CommandTable;
