/** Whether a process may use its terminal. One that was started with `&` is stopped by the system when it tries. */
import { readFileSync } from "node:fs";

/** Of this process. True where the system does not tell (all but Linux), or where no terminal controls the process. */
export function isInForeground(): boolean {
  try {
    return isForegroundStat(readFileSync("/proc/self/stat", "latin1"));
  } catch {
    return true;
  }
}

/** Reads `/proc/PID/stat` (proc(5)); the name in its parentheses may hold anything. */
export function isForegroundStat(stat: string): boolean {
  const [, , group, , terminal, foregroundGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return terminal === "0" || group === foregroundGroup;
}
