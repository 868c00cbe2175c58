/** Commands as data: the parser, the help and the types of {@link Invocation} read this. */
import type { FlagTable } from "./flag-spec.ts";
import type { COMMON_FLAGS } from "./table/common-flags.ts";

/** What stands behind the command's words: nothing, exactly one word, one or none, or any number. */
export type ArgumentCount = "none" | "one" | "optional" | "any";

export interface ArgumentSpec {
  readonly count: ArgumentCount;
  /** As help prints it: `ADDRESS`. */
  readonly name: string;
  /** A credential: never repeated in a message. */
  readonly isSecret?: true;
  /** What the shell may offer: these words, tunnels of the configuration, or commands. */
  readonly completes?: readonly string[] | "tunnels" | "commands";
}

export interface Example {
  /** Behind the program's name. */
  readonly line: string;
  readonly effect: string;
}

export interface CommandSpec {
  /** `runs`; `group`: only a word before others; `notYet`: refused by name whatever follows. */
  readonly kind: "runs" | "group" | "notYet";
  /** Other names, whole: `config add-server-addr`. */
  readonly aliases?: readonly string[];
  /** One line, without a full stop, lower case. */
  readonly summary: string;
  /** Paragraphs for the help. */
  readonly description: string;
  readonly argument: ArgumentSpec;
  readonly examples: readonly Example[];
  /** Its own; the common ones come on top and are hidden by own ones of the same name. */
  readonly flags: FlagTable;
  /** The common ones that it has a use for; the others are accepted all the same, and not offered. Absent: all of them. */
  readonly commonFlags?: readonly (keyof typeof COMMON_FLAGS)[];
}

/** By the words of the command: `config check`. */
export type CommandTable = Readonly<Record<string, CommandSpec>>;

export const NO_ARGUMENT = { count: "none", name: "" } as const satisfies ArgumentSpec;
