/** What the kernel can hold processes to a share of a processor with: control groups of either version. Which one there is, and what it is told; pure. */

export interface CpuController {
  /** The group at the top, below which others are made. */
  readonly path: string;
  readonly version: 1 | 2;
}

/** A process that has used its part waits for the next period: a short one, so that it is slow and not away. The kernel takes 1 ms at least. */
const PERIOD_US = 5_000;

/**
 * `mounts` is /proc/self/mounts. Of version 2 only what already lets groups below have the processor's controller (`subtreeControl` reads
 * that file of a group): to change it would be to change the machine.
 */
export function findCpuController(mounts: string, subtreeControl: (path: string) => string): CpuController | undefined {
  for (const line of mounts.split("\n")) {
    const [, path = "", kind, options = ""] = line.split(" ");
    if (kind === "cgroup" && options.split(",").includes("cpu")) return { path, version: 1 };
    if (kind === "cgroup2" && subtreeControl(path).trim().split(" ").includes("cpu")) return { path, version: 2 };
  }
  return undefined;
}

/** Ten times that of a group that nobody gave one. */
const WEIGHT = { 1: "10240", 2: "1000" } as const;

/** What holds to `share` of one processor, and has that before others on the same one. Texts by name of the group's file. */
export function quotaFiles({ version }: CpuController, share: number): Readonly<Record<string, string>> {
  const quotaUs = Math.round(share * PERIOD_US);
  return version === 1
    ? { "cpu.cfs_period_us": String(PERIOD_US), "cpu.cfs_quota_us": String(quotaUs), "cpu.shares": WEIGHT[version] }
    : { "cpu.max": `${quotaUs} ${PERIOD_US}`, "cpu.weight": WEIGHT[version] };
}
