/**
 * What a shell has to know to complete words, taken from the table of commands. This folder writes scripts from it, one file a shell;
 * the only thing they ask the program for, when they run, are the names of tunnels.
 */
import type { CommandSpec, CommandTable } from "../command-spec.ts";
import { findCommand, nextWords } from "../command-table.ts";
import type { FlagSpec } from "../flag-spec.ts";
import { offeredFlags } from "../offered-flags.ts";

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
export function completedCommands(table: CommandTable): readonly CompletedCommand[] {
  const program: CompletedCommand = {
    words: "",
    next: next("", table),
    flags: flagsOf({ flags: PROGRAM_FLAGS }),
    argument: [],
  };
  const commands = Object.entries(table)
    .filter(([, spec]) => spec.kind !== "notYet")
    .flatMap(([name, spec]) => [name, ...(spec.aliases ?? [])].map((words) => completed(words, spec, table)));
  return [program, ...commands];
}

/**
 * Every name of every flag that takes a value, each once: the kind is that of the command which knows most about it. One that any
 * command takes without a value is none of them: where it has one, that is a word which means nothing to the scripts.
 */
export function flagsWithValue(commands: readonly CompletedCommand[]): ReadonlyMap<string, CompletedValue> {
  const all = commands.flatMap((command) => command.flags);
  const bare = new Set(all.filter(({ value }) => value === "none").flatMap(namesOf));
  const flags = all.filter((flag) => !namesOf(flag).some((name) => bare.has(name)));
  const vagueFirst = [
    ...flags.filter(({ value }) => value === "text"),
    ...flags.filter(({ value }) => value !== "text"),
  ];
  return new Map(vagueFirst.flatMap((flag) => namesOf(flag).map((name) => [name, flag.value] as const)));
}

function namesOf({ name, aliases }: CompletedFlag): readonly string[] {
  return [name, ...aliases];
}

function completed(words: string, spec: CommandSpec, table: CommandTable): CompletedCommand {
  const { completes = [] } = spec.argument;
  return {
    words,
    next: next(words, table),
    flags: flagsOf(spec),
    argument: completes === "commands" ? next("", table).map(({ word }) => word) : completes,
  };
}

/** By their own names; others of the same command would only be longer lists. */
function next(words: string, table: CommandTable): readonly Described[] {
  return nextWords(words, table).flatMap((word) => {
    const whole = words === "" ? word : `${words} ${word}`;
    const found = findCommand(whole, table);
    return found === undefined || found.name !== whole || found.spec.kind === "notYet"
      ? []
      : [{ word, help: found.spec.summary }];
  });
}

function flagsOf(spec: Parameters<typeof offeredFlags>[0]): readonly CompletedFlag[] {
  return Object.entries(offeredFlags(spec))
    .filter(([, spec]) => spec.notYet !== true)
    .map(([name, spec]) => ({
      name: `--${name}`,
      letter: spec.letter === undefined ? undefined : `-${spec.letter}`,
      aliases: (spec.aliases ?? []).map((alias) => `--${alias}`),
      help: spec.help,
      value: valueOf(spec),
    }));
}

function valueOf({ type, choices, value }: FlagSpec): CompletedValue {
  if (type === "boolean") return "none";
  return choices ?? (value === PATH_VALUE ? "path" : "text");
}
