/** Commands about the program itself. */
import { NO_ARGUMENT, type CommandTable } from "../command-spec.ts";

export const ABOUT_COMMANDS = {
  version: {
    kind: "runs",
    summary: "print the version",
    description: "Prints the program's name and version.",
    argument: NO_ARGUMENT,
    examples: [{ line: "version", effect: "the same as --version" }],
    flags: {},
  },
  help: {
    kind: "runs",
    summary: "explain a command",
    description: "Prints how a command is used, or the list of commands.",
    argument: { count: "any", name: "COMMAND" },
    examples: [
      { line: "help http", effect: "the same as http --help" },
      { line: "help config check", effect: "a command of two words" },
    ],
    flags: {},
  },
  update: {
    kind: "runs",
    summary: "replace the program by a newer one",
    description: "Updates come from a source that the operator configures; there is none, so nothing is changed.",
    argument: NO_ARGUMENT,
    examples: [{ line: "update", effect: "look for a newer version" }],
    flags: {
      channel: {
        type: "string",
        value: "NAME",
        choices: ["stable", "beta", "unstable"],
        help: "stable, beta or unstable",
      },
    },
  },
  credits: {
    kind: "runs",
    summary: "print the licences of what is built in",
    description: "Prints the licences of the programs and libraries that are part of this one.",
    argument: NO_ARGUMENT,
    examples: [{ line: "credits", effect: "all of them" }],
    flags: {},
  },
} as const satisfies CommandTable;
