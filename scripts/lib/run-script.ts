/** How the scripts for developers read their arguments and speak to people. What they print for programs is not here. */
import { type ArgsDef, type CommandDef, type ParsedArgs, parseArgs, renderUsage, runCommand } from "citty";
import { createConsola } from "consola";

/** For people: all of it on standard error. */
export const log = createConsola({ stdout: process.stderr, stderr: process.stderr });

/**
 * Runs a command with the arguments of this process. What it throws becomes a line for people and exit code 1, and so do
 * arguments that it does not know, which citty itself would pass over.
 */
export async function runScript<T extends ArgsDef>(command: CommandDef<T>, known: T): Promise<void> {
  const rawArgs = process.argv.slice(2);
  if (rawArgs.includes("--help") || rawArgs.includes("-h")) {
    process.stdout.write(`${await renderUsage(command)}\n`);
    return;
  }
  try {
    refuseUnknown(parseArgs(rawArgs, known), known);
    await runCommand(command, { rawArgs });
  } catch (error) {
    log.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

function refuseUnknown(args: ParsedArgs, known: ArgsDef): void {
  const names = Object.keys(known);
  // citty adds each name in camel case too.
  const given = Object.keys(args).map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
  const unknown = [...args._, ...given.filter((name) => name !== "_" && !names.includes(name))];
  if (unknown.length > 0) {
    throw new Error(`not known: ${unknown.join(", ")}; there are ${names.map((name) => `--${name}`).join(", ")}`);
  }
  const empty = names.find((name) => args[name] === "");
  if (empty !== undefined) throw new Error(`--${empty} needs a value`);
}
