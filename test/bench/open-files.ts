import { readFileSync } from "node:fs";

/** How many descriptors a process that is started by this one may have. */
export function openFilesLimit(): number {
  const line = /^Max open files +\d+ +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
  return Number(line?.[1] ?? 1024);
}
