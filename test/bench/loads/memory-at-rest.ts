import { memoryBytes } from "../process-usage.ts";

/**
 * For garbage collectors and allocators to come to rest. The engine that ginnel runs on looks through all of its memory about ten seconds
 * after a burst of visitors; until then it holds as much garbage of theirs as they need themselves.
 */
const REST_MS = 15_000;

/** Bytes of memory of all the processes together, once they have let go of what they can do without. */
export async function memoryAtRest(pids: readonly number[]): Promise<number> {
  await Bun.sleep(REST_MS);
  return await memoryBytes(pids);
}
