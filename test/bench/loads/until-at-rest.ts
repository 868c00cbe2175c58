import { cpuSeconds } from "../process-usage.ts";

const LOOK_EVERY_MS = 500;
/** Share of a processor that a process has for its timers. */
const AT_REST = 0.04;
const PATIENCE_MS = 30_000;

/** Resolves when the processes have next to nothing to do, or after half a minute in which they always had something. */
export async function untilAtRest(pids: readonly number[]): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  let before = await cpuSeconds(pids);
  while (performance.now() < untilMs) {
    await Bun.sleep(LOOK_EVERY_MS);
    const now = await cpuSeconds(pids);
    if (now - before <= (AT_REST * LOOK_EVERY_MS) / 1000) return;
    before = now;
  }
}
