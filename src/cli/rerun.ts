/** Starts the program anew: the same executable, words, environment and working folder. */
import { accessSync, constants } from "node:fs";

export interface Rerun {
  /** Why it cannot be done; undefined: nothing is known that stands in the way. */
  obstacle(): string | undefined;
  /**
   * To be called when everything is closed and written. Where a process can become another program (everywhere but Windows) this does not
   * come back: the next run has the same process id, which is what whoever started the first one waits for, also as the first process of
   * a container. Elsewhere a child has the terminal, and its exit code is the answer. Throws what the system says against it.
   */
  run(): Promise<number>;
}

/** Of the process that runs. `signal`: see {@link stopSignal}; it ends a child too. */
export function processRerun(signal: AbortSignal): Rerun {
  const file = process.execPath;
  return {
    obstacle() {
      try {
        // It may have been removed, or replaced by a newer one meanwhile, which is what runs then.
        accessSync(file, constants.X_OK);
        return undefined;
      } catch {
        return `${file} cannot be executed any more`;
      }
    },
    run: async () => {
      const words = ownWords(process, Bun.isStandaloneExecutable);
      if (process.platform === "win32" || process.execve === undefined) {
        return await runAsChild([file, ...words.slice(1)], signal);
      }
      return process.execve(file, words, environmentOf(process.env));
    },
  };
}

interface Words {
  readonly argv0: string;
  readonly argv: readonly string[];
  readonly execArgv: readonly string[];
}

/** The command line as it was. A compiled program shows its own words behind two that were never written. */
export function ownWords({ argv0, argv, execArgv }: Words, isCompiled: boolean): string[] {
  return isCompiled ? [argv0, ...argv.slice(2)] : [argv0, ...execArgv, ...argv.slice(1)];
}

/** Waits for the end of a child that takes over standard input and output; its exit code. */
export async function runAsChild(command: readonly string[], signal: AbortSignal): Promise<number> {
  const child = Bun.spawn([...command], { stdin: "inherit", stdout: "inherit", stderr: "inherit" });
  const pass = (): void => {
    // A terminal tells both of SIGINT.
    if (signal.reason !== "SIGINT") child.kill();
  };
  signal.addEventListener("abort", pass, { once: true });
  try {
    return await child.exited;
  } finally {
    signal.removeEventListener("abort", pass);
  }
}

function environmentOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
