/** What holds a control group to a share of a processor; pure. */
import type { Controller } from "./controller.ts";

/** A process that has used its part waits for the next period: a short one, so that it is slow and not away. The kernel takes 1 ms at least. */
const PERIOD_US = 5_000;

/** Ten times that of a group that nobody gave one. */
const WEIGHT = { 1: "10240", 2: "1000" } as const;

/** What holds to `share` of one processor, and has that before others on the same one. Texts by name of the group's file. */
export function quotaFiles({ version }: Controller, share: number): Readonly<Record<string, string>> {
  const quotaUs = Math.round(share * PERIOD_US);
  return version === 1
    ? { "cpu.cfs_period_us": String(PERIOD_US), "cpu.cfs_quota_us": String(quotaUs), "cpu.shares": WEIGHT[version] }
    : { "cpu.max": `${quotaUs} ${PERIOD_US}`, "cpu.weight": WEIGHT[version] };
}
