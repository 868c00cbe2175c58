/** One command with what it was given, checked against its specification: what a command module receives. */
import type { COMMANDS, CommandName } from "./command-table.ts";
import type { ArgumentCount } from "./command-spec.ts";
import type { FlagValues } from "./flag-spec.ts";
import type { COMMON_FLAGS } from "./table/common-flags.ts";

type Commands = typeof COMMANDS;

/** The invocation of a command; of several, any one of them, told apart by `command`. */
export type Invocation<N extends CommandName = CommandName> = { [Each in N]: InvocationOf<Each> }[N];

interface InvocationOf<N extends CommandName> {
  readonly command: N;
  readonly args: ArgumentsOf<Commands[N]["argument"]["count"]>;
  /** Only what was given; own flags of a command hide the common ones of the same name. */
  readonly flags: FlagValues<Commands[N]["flags"]> & Omit<FlagValues<typeof COMMON_FLAGS>, keyof Commands[N]["flags"]>;
  /** Deprecated flags among those given, as `--name: use --other`; for the log at level warn, never for stderr (K-026). */
  readonly deprecations: readonly string[];
}

/** The invocation of a command below `api`. Its flags come from a table of the API, which no type knows. */
export interface ApiInvocation {
  readonly command: `api ${string} ${string}`;
  readonly args: readonly string[];
  readonly flags: Readonly<Record<string, boolean | string | readonly string[]>>;
  readonly deprecations: readonly string[];
}

export function isApiInvocation(invocation: Invocation | ApiInvocation): invocation is ApiInvocation {
  return invocation.command.startsWith("api ");
}

type ArgumentsOf<C> = {
  none: readonly [];
  one: readonly [string];
  optional: readonly [] | readonly [string];
  any: readonly string[];
}[C & ArgumentCount];
