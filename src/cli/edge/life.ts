/** How a running edge ends: when it is told to, or by a fault of ginnel. */
import type { Clock } from "../../base/clock.ts";
import type { Edge } from "../../edge/edge.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { FirstFault } from "../last-resort.ts";

/** For what visitors have under way when a fault ends the edge: until it runs again nobody else is served. */
export const FAULT_DRAIN_MS = 2_000;

export interface EdgeLifeOptions {
  readonly signal: AbortSignal;
  readonly faults: FirstFault;
  readonly drainMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Resolves when the edge has stopped in order. Rejects with the fault that ended it, or came while it stopped. */
export async function liveUntilStopped(edge: Pick<Edge, "stop">, options: EdgeLifeOptions): Promise<void> {
  const { signal, faults, drainMs, clock, log } = options;
  try {
    await Promise.race([aborted(signal), faults.fault]);
  } catch (fault) {
    await stop(edge, Math.min(FAULT_DRAIN_MS, drainMs), clock);
    throw fault;
  }
  log.info("received stop request", { signal: signal.reason, drain_ms: drainMs });
  await stop(edge, drainMs, clock);
  faults.rethrow();
  log.info("edge stopped");
}

async function stop(edge: Pick<Edge, "stop">, drainMs: number, clock: Clock): Promise<void> {
  // With the ports go those whom the kernel has let in and the edge has not taken yet: they would be reset.
  await socketsLookedAt();
  const deadline = new AbortController();
  const cancel = clock.after(drainMs, () => deadline.abort());
  await edge.stop(deadline.signal);
  cancel();
}

/** The event loop has looked at every socket once more: what was under way in this turn ends with the first of two. */
async function socketsLookedAt(): Promise<void> {
  const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  await turn();
  await turn();
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
