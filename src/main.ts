/** The program: words in, exit code out. Everything real about the process is touched here and handed down. */
import { writeSync } from "node:fs";
import { ProcessTerminal } from "./agent/console/process-terminal.ts";
import { systemClock } from "./base/clock.ts";
import { parseCommandLine } from "./cli/command-line.ts";
import { runCommand } from "./cli/command-modules.ts";
import { describeFailure, renderFailure } from "./cli/fatal.ts";
import { printTo } from "./cli/print.ts";
import { programName } from "./cli/program-name.ts";
import { reachableCommands } from "./cli/reachable-commands.ts";
import { processRerun } from "./cli/rerun.ts";
import { stopSignal } from "./cli/stop-signal.ts";

const STDERR = 2;

async function main(): Promise<number> {
  const program = programName(process.argv0);
  const { signal, ignore: ignoreStopSignals } = stopSignal(process, (code) => process.exit(code));
  const words = process.argv.slice(2);
  const invocation = parseCommandLine(words, program, await reachableCommands(words));
  const print = printTo(process.stdout);
  const isTerminal = process.stdout.isTTY;
  const terminal = isTerminal ? new ProcessTerminal(systemClock) : undefined;
  const rerun = processRerun(signal);
  const surroundings = { program, env: process.env, clock: systemClock, print, isTerminal, terminal, signal, rerun };
  return runCommand(invocation, { ...surroundings, ignoreStopSignals, printStatus: writeError });
}

function writeError(text: string): void {
  try {
    writeSync(STDERR, text);
  } catch {
    // Nobody reads stderr; the exit code still tells.
  }
}

try {
  process.exit(await main());
} catch (error) {
  writeError(renderFailure(describeFailure(error)));
  process.exit(1);
}
