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
  api: later("call the management API"),
  diagnose: later("test the way to the edge"),
  service: later("run as a service of the system"),
  completion: later("print code for the completion of the shell"),
  "config edit": later("open the configuration file in an editor"),
  "config upgrade": later("bring the configuration file to the newest version"),
} as const satisfies CommandTable;
