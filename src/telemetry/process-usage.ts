import { readdirSync } from "node:fs";

/** What this process takes from its machine, in base units. */
export interface ProcessUsage {
  /** User and system time of all threads since the start. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Files and sockets; undefined where the system does not say. */
  readonly openDescriptors: number | undefined;
  /** Seconds since 1970. */
  readonly startedAtSeconds: number;
}

/** Where Linux, and where macOS, lists the descriptors of the process that asks. */
const DESCRIPTOR_FOLDERS = ["/proc/self/fd", "/dev/fd"];

export function processUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    openDescriptors: openDescriptors(DESCRIPTOR_FOLDERS),
    startedAtSeconds: performance.timeOrigin / 1_000,
  };
}

/** Counted in the first of these folders that there is. */
export function openDescriptors(folders: readonly string[]): number | undefined {
  for (const folder of folders) {
    try {
      // One of them is that of the folder, while it is read.
      return readdirSync(folder).length - 1;
    } catch {
      // Another system keeps them elsewhere, or nowhere.
    }
  }
  return undefined;
}
