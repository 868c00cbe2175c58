/**
 * What a shell has to know to complete words, taken from the table of commands. This folder writes scripts from it, one file a shell;
 * the only thing they ask the program for, when they run, are the names of tunnels.
 */
import type { CommandSpec, CommandTable } from "../command-spec.ts";
import { COMMANDS, findCommand, nextWords } from "../command-table.ts";
import type { FlagSpec } from "../flag-spec.ts";
import { COMMON_FLAGS } from "../table/common-flags.ts";

/** What stands behind a flag: nothing, a path, one of these words, or something that nobody can guess. */
export type CompletedValue = "none" | "path" | "text" | readonly string[];

export interface CompletedFlag {
  /** With its dashes: offered. */
  readonly name: string;
  readonly letter: string | undefined;
  /** Understood, not offered. */
  readonly aliases: readonly string[];
  readonly help: string;
  readonly value: CompletedValue;
}

export interface Described {
  readonly word: string;
  readonly help: string;
}

export interface CompletedCommand {
  /** By any of its names; empty for the program alone. */
  readonly words: string;
  /** Words that may follow at once. */
  readonly next: readonly Described[];
  readonly flags: readonly CompletedFlag[];
  /** Arguments: these words, or names of tunnels. */
  readonly argument: readonly string[] | "tunnels";
}

/** In a specification, the value of a flag that is a path has this name. */
const PATH_VALUE = "PATH";

const PROGRAM_FLAGS: CommandSpec["flags"] = { version: { type: "boolean", help: "print the version" } };

/** Every command that can be run, under each of its names, and the program itself. Nothing that is refused is offered. */
export function completedCommands(): readonly CompletedCommand[] {
  const table: CommandTable = COMMANDS;
  const program: CompletedCommand = { words: "", next: next(""), flags: flagsOf(PROGRAM_FLAGS), argument: [] };
  const commands = Object.entries(table)
    .filter(([, spec]) => spec.kind !== "notYet")
    .flatMap(([name, spec]) => [name, ...(spec.aliases ?? [])].map((words) => completed(words, spec)));
  return [program, ...commands];
}

/** Every name of every flag that takes a value, each once: the kind is that of the command which knows most about it. */
export function flagsWithValue(commands: readonly CompletedCommand[]): ReadonlyMap<string, CompletedValue> {
  const flags = commands.flatMap((command) => command.flags).filter(({ value }) => value !== "none");
  const vagueFirst = [
    ...flags.filter(({ value }) => value === "text"),
    ...flags.filter(({ value }) => value !== "text"),
  ];
  return new Map(
    vagueFirst.flatMap(({ name, aliases, value }) => [name, ...aliases].map((each) => [each, value] as const)),
  );
}

function completed(words: string, spec: CommandSpec): CompletedCommand {
  const { completes = [] } = spec.argument;
  return {
    words,
    next: next(words),
    flags: flagsOf(spec.flags),
    argument: completes === "commands" ? next("").map(({ word }) => word) : completes,
  };
}

/** By their own names; others of the same command would only be longer lists. */
function next(words: string): readonly Described[] {
  return nextWords(words).flatMap((word) => {
    const whole = words === "" ? word : `${words} ${word}`;
    const found = findCommand(whole);
    return found === undefined || found.name !== whole || found.spec.kind === "notYet"
      ? []
      : [{ word, help: found.spec.summary }];
  });
}

function flagsOf(own: CommandSpec["flags"]): readonly CompletedFlag[] {
  return Object.entries<FlagSpec>({ ...own, ...withoutKeys(COMMON_FLAGS, own) })
    .filter(([, spec]) => spec.notYet !== true)
    .map(([name, spec]) => ({
      name: `--${name}`,
      letter: spec.letter === undefined ? undefined : `-${spec.letter}`,
      aliases: (spec.aliases ?? []).map((alias) => `--${alias}`),
      help: spec.help,
      value: valueOf(spec),
    }));
}

function withoutKeys(table: CommandSpec["flags"], hidden: CommandSpec["flags"]): CommandSpec["flags"] {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !(name in hidden)));
}

function valueOf({ type, choices, value }: FlagSpec): CompletedValue {
  if (type === "boolean") return "none";
  return choices ?? (value === PATH_VALUE ? "path" : "text");
}
