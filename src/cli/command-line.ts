/**
 * The command line as a whole: which command, which arguments, which flags (reference.md 1.1). Flags may stand before the
 * command, between its words, and before, between and after arguments. Pure; every fault is a {@link UsageError}.
 */
import { UsageError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest-word.ts";
import { COMMANDS, findCommand, nextWords } from "./command-table.ts";
import { NO_ARGUMENT, type CommandSpec, type CommandTable } from "./command-spec.ts";
import { findFlag, findLetter, flagNames, type FlagSpec, type FlagTable } from "./flag-spec.ts";
import { flagValue, type GivenFlag, readFlagWord, shownFlag, type FlagWord } from "./flag-parser.ts";
import type { ApiInvocation, Invocation } from "./invocation.ts";
import { isOwnPath, type ProgramName } from "./program-name.ts";
import { COMMON_FLAGS } from "./table/common-flags.ts";

/** What may stand before any command, and alone. */
const NO_COMMAND: CommandSpec = {
  kind: "group",
  summary: "",
  description: "",
  argument: NO_ARGUMENT,
  examples: [],
  flags: { version: { type: "boolean", letter: "v", help: "print the version" } },
};

/** Reads the words behind the program's name. No words, and every request for help, become the command `help`. */
export function parseCommandLine(argv: readonly string[], program: ProgramName): Invocation;
/** As above, with the commands below `api` if the table has them. */
export function parseCommandLine(
  argv: readonly string[],
  program: ProgramName,
  table: CommandTable,
): Invocation | ApiInvocation;
export function parseCommandLine(
  argv: readonly string[],
  program: ProgramName,
  table: CommandTable = COMMANDS,
): Invocation | ApiInvocation {
  const [first, ...others] = argv;
  const words = first !== undefined && isOwnPath(first) ? others : argv;
  return new CommandLine(program, table).read(words);
}

class CommandLine {
  readonly #program: ProgramName;
  readonly #table: CommandTable;
  #name = "";
  #spec = NO_COMMAND;
  readonly #args: string[] = [];
  /** Every flag as typed, by full name: only the final command says what a common name means. */
  readonly #given = new Map<string, GivenFlag[]>();

  constructor(program: ProgramName, table: CommandTable) {
    this.#program = program;
    this.#table = table;
  }

  read(words: readonly string[]): Invocation {
    const rest = [...words];
    for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
      const flag = readFlagWord(word);
      if (word === "--") for (const plain of rest.splice(0)) this.#takeWord(plain);
      else if (flag === undefined) this.#takeWord(word);
      else this.#takeFlag(flag, rest);
      if (this.#spec.kind === "notYet") return this.#refuseCommand(rest);
    }
    return this.#finish();
  }

  #takeWord(word: string): void {
    const words = this.#name === "" ? word : `${this.#name} ${word}`;
    const found = this.#args.length === 0 ? findCommand(words, this.#table) : undefined;
    if (found !== undefined) {
      this.#name = found.name;
      this.#spec = found.spec;
    } else if (this.#spec.kind === "group") {
      throw this.#unknownCommand(words, word);
    } else {
      this.#args.push(word);
    }
  }

  #takeFlag(flag: FlagWord, rest: string[]): void {
    const name = this.#fullName(flag);
    const spec = this.#specOf(name);
    if (spec === undefined) throw this.#unknownFlag(flag.name);
    if (spec.notYet === true) throw this.#notYet(`Flag ${shownFlag(flag.name)}`);
    let value = flag.value;
    if (value === undefined && spec.type !== "boolean") {
      value = rest.shift();
      if (value === undefined) {
        throw new UsageError(`Flag ${shownFlag(flag.name)} needs a value.${this.#helpLine()}`);
      }
    }
    this.#given.set(name, [...(this.#given.get(name) ?? []), { typed: flag.name, value }]);
  }

  #fullName({ name, isLetter }: FlagWord): string {
    for (const table of this.#tables()) {
      const full = (isLetter ? findLetter(table, name) : undefined) ?? findFlag(table, name);
      if (full !== undefined) return full;
    }
    return name;
  }

  #specOf(name: string): FlagSpec | undefined {
    return this.#tables()
      .map((table) => (Object.hasOwn(table, name) ? table[name] : undefined))
      .find((spec) => spec !== undefined);
  }

  #tables(): readonly FlagTable[] {
    return [this.#spec.flags, COMMON_FLAGS];
  }

  #finish(): Invocation {
    const flags: Record<string, boolean | string | readonly string[]> = {};
    const deprecations: string[] = [];
    for (const [name, given] of this.#given) {
      // A flag that stood before the last word of the command must be one of the whole command too.
      const spec = this.#specOf(name) ?? NO_COMMAND.flags[name];
      if (spec === undefined) throw this.#unknownFlag(name);
      const value = flagValue(spec, given);
      if (value === undefined) continue;
      flags[name] = value;
      if (spec.deprecated !== undefined) deprecations.push(`${shownFlag(name)}: ${spec.deprecated}`);
    }
    if (flags["version"] === true) {
      return { command: "version", args: [], flags: {}, deprecations: [] };
    }
    if (flags["help"] === true || this.#spec.kind === "group") return this.#askForHelp();
    this.#checkArguments();
    // The tables that made these values also make the type; the compiler cannot see that they are the same.
    return { command: this.#name, args: this.#args, flags, deprecations } as unknown as Invocation;
  }

  #askForHelp(): Invocation {
    const args = this.#name === "" ? [] : this.#name.split(" ");
    return { command: "help", args, flags: {}, deprecations: [] };
  }

  #refuseCommand(rest: readonly string[]): Invocation {
    const asksForHelp = rest.some((word) => ["help", "h"].includes(readFlagWord(word)?.name ?? ""));
    if (asksForHelp || this.#given.has("help")) return this.#askForHelp();
    throw this.#notYet(`Command '${this.#name}'`);
  }

  #checkArguments(): void {
    const { count, name, isSecret } = this.#spec.argument;
    const [first, second] = this.#args;
    if (count === "one" && first === undefined) {
      throw new UsageError(`'${this.#program} ${this.#name}' needs ${name}.${this.#helpLine()}`);
    }
    const surplus = { none: first, one: second, optional: second, any: undefined }[count];
    if (surplus === undefined) return;
    const shown = isSecret === true ? "a second argument" : `'${surplus}'`;
    const meant = this.#valueApart();
    throw new UsageError(`'${this.#program} ${this.#name}' has no use for ${shown}.${meant}${this.#helpLine()}`);
  }

  /** What is said when an argument looks like the value of a boolean flag. */
  #valueApart(): string {
    const value = this.#args.find((word) => word === "true" || word === "false");
    const [flag] = [...this.#given].find(([name, given]) => isBare(this.#specOf(name), given)) ?? [];
    return value === undefined || flag === undefined ? "" : `\nDid you mean ${shownFlag(flag)}=${value}?`;
  }

  #unknownCommand(words: string, word: string): UsageError {
    const nearest = nearestWord(word, nextWords(this.#name, this.#table));
    const whole = [this.#program, this.#name, nearest].filter((part) => part !== "").join(" ");
    const meant = nearest === undefined ? "" : `\nDid you mean '${whole}'?`;
    return new UsageError(`Unknown command '${words}'.${meant}${this.#helpLine()}`);
  }

  #unknownFlag(name: string): UsageError {
    const known = this.#tables().flatMap(flagNames);
    const nearest = nearestWord(name, known);
    const where = this.#name === "" ? "before a command" : `for '${this.#program} ${this.#name}'`;
    const meant = nearest === undefined ? "" : `\nDid you mean ${shownFlag(nearest)}?`;
    return new UsageError(
      `Unknown flag ${shownFlag(name)} ${where}.${meant}${this.#commandsLine()}${this.#helpLine()}`,
    );
  }

  /** For a group that was given no command: the flag may be one of theirs. */
  #commandsLine(): string {
    if (this.#name === "" || this.#spec.kind !== "group") return "";
    return `\nFlags go with one of its commands: ${nextWords(this.#name, this.#table).join(", ")}.`;
  }

  #notYet(what: string): UsageError {
    return new UsageError(`${what} is not yet supported by this version.${this.#helpLine()}`);
  }

  #helpLine(): string {
    const command = this.#name === "" ? "" : ` ${this.#name}`;
    return `\nRun '${this.#program} help${command}' to see what there is.`;
  }
}

function isBare(spec: FlagSpec | undefined, given: readonly GivenFlag[]): boolean {
  return spec?.type === "boolean" && given.some(({ value }) => value === undefined);
}
