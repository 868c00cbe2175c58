/** Runs the program from its source as a process of its own. */
import { join } from "node:path";

const MAIN = join(import.meta.dir, "../../src/main.ts");

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `line` is split at spaces; `name` is what the program is called by. Nothing of our own environment is passed on. */
export async function runProgram(
  line: string | readonly string[],
  { home, name = "ginnel" }: { home: string; name?: string },
): Promise<Outcome> {
  const words = typeof line === "string" ? line.split(" ").filter(Boolean) : line;
  const child = Bun.spawn([process.execPath, MAIN, ...words], {
    argv0: name,
    cwd: home,
    // Run from source the runtime would keep compiled modules below the home.
    env: { PATH: process.env["PATH"], HOME: home, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [code, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  return { code, stdout, stderr };
}
