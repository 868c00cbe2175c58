/** What the process gives to a command, so that none of them reaches for it. */
import type { Terminal } from "../agent/console/terminal.ts";
import type { Clock } from "../base/clock.ts";
import type { Rerun } from "./rerun.ts";
import type { Invocation } from "./invocation.ts";
import type { CommandName } from "./command-table.ts";
import type { ProgramName } from "./program-name.ts";

export interface CommandContext {
  readonly program: ProgramName;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Writes to stdout; settles when the text has left the process, also when nobody reads it any more. */
  readonly print: (text: string) => Promise<void>;
  /** Writes to stderr at once, ahead of what is printed later; undefined where nobody reads it. */
  readonly printStatus?: ((text: string) => void) | undefined;
  /** Whether what is printed appears on a terminal. */
  readonly isTerminal: boolean;
  /** The terminal on which it appears, for a screen of its own; undefined where there is none. */
  readonly terminal?: Terminal | undefined;
  /** Aborted by SIGINT or SIGTERM; the reason is the name of the signal. */
  readonly signal: AbortSignal;
  /** See {@link StopSignal.ignore}. */
  readonly ignoreStopSignals?: (() => void) | undefined;
  /** Starts the program anew, for an agent that its edge tells to; absent: nothing can. */
  readonly rerun?: Rerun | undefined;
}

/** A file of `commands/`. */
export interface CommandModule<N extends CommandName> {
  /** Answers the exit code. Throws what ends the command with code 1; `fatal.ts` renders it. */
  readonly run: (invocation: Invocation<N>, context: CommandContext) => Promise<number>;
}
