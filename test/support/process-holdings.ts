/** What processes hold, as the system and their own metrics say: after a fault it has to be what it was before. */
import { readdirSync, readFileSync } from "node:fs";
import { readExposition } from "./exposition.ts";

/** For a process to let go of what a fault has left: beyond its heartbeats, far below the deadlines for visitors. */
const SETTLE_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** How many descriptors the process has open; none once it has ended. */
export function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** Resident memory. */
export function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1]) * 1024;
}

/** The gauges of these names on a page of metrics, each summed over its labels; one that is not there is 0. */
export function gaugesOn<Name extends string>(page: string, names: readonly Name[]): Readonly<Record<Name, number>> {
  const metrics = readExposition(page);
  const sums = names.map((name) => {
    const values = metrics.get(name)?.values ?? [];
    return [name, values.reduce((sum, { value }) => sum + value, 0)] as const;
  });
  return Object.fromEntries(sums) as Record<Name, number>; // of the names themselves
}

/** Looks until the claim holds: nobody tells when another process has let go of something. */
export async function settles(look: () => unknown, expected: unknown): Promise<void> {
  const givesUpAt = performance.now() + SETTLE_MS;
  for (;;) {
    const seen = await look();
    if (Bun.deepEquals(seen, expected)) return;
    if (performance.now() > givesUpAt) {
      throw new Error(`it never became ${JSON.stringify(expected)}; in the end it was ${JSON.stringify(seen)}`);
    }
    await Bun.sleep(LOOK_EVERY_MS);
  }
}
