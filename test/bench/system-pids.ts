import type { RunningSystem } from "./system.ts";

/** The processes that are the system, without what they start themselves; none for the direct way. */
export function pidsOf({ programs }: RunningSystem): readonly number[] {
  return Object.values(programs).map(({ pid }) => pid);
}
