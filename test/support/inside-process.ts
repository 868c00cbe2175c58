/** What a process holds inside: its timers, and its memory. It has to be started with {@link TELLS_ITS_INSIDES}. */
import { join } from "node:path";
import type { LineReader } from "./line-reader.ts";

/** For `BUN_OPTIONS`. */
export const TELLS_ITS_INSIDES = `--preload=${join(import.meta.dir, "tells-its-insides.ts")}`;

/** How many there are, by the file that wanted them. */
export type Timers = Readonly<Record<string, number>>;

export interface TellsTimers {
  readonly msg: "timers pending";
  readonly pid: number;
  readonly timers: Timers;
}

export interface TellsMemory {
  readonly msg: "memory in use";
  readonly pid: number;
  readonly bytes: number;
}

/** What it waits for now. */
export async function timersIn(pid: number, log: LineReader): Promise<Timers> {
  return (await asked<TellsTimers>(pid, log, "SIGUSR1", "timers pending")).timers;
}

/** What its objects take, once those that nobody uses are gone. */
export async function memoryIn(pid: number, log: LineReader): Promise<number> {
  return (await asked<TellsMemory>(pid, log, "SIGURG", "memory in use")).bytes;
}

function asked<Told extends TellsTimers | TellsMemory>(
  pid: number,
  log: LineReader,
  signal: NodeJS.Signals,
  msg: Told["msg"],
): Promise<Told> {
  const from = log.lines.length;
  process.kill(pid, signal);
  return log.find((line) => {
    if (!line.startsWith(`{"msg":"${msg}","pid":${pid},`)) return undefined;
    return JSON.parse(line) as Told; // of our own program
  }, from);
}
