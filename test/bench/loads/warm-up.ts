import { hasScheme, urlOf } from "../scheme.ts";
import type { RunningSystem } from "../system.ts";
import { iperf } from "./iperf.ts";
import { wrk } from "./wrk.ts";

const VISITORS = 50;
/** A runtime that compiles what runs often has done so by then. */
const SECONDS = 3;
const BULK_SECONDS = 1;

/** Load of each kind that the system takes, for nobody to measure: a process that has just been started is slower than it will be. */
export async function warmUp(system: RunningSystem): Promise<void> {
  for (const scheme of ["http", "https"] as const) {
    if (hasScheme(system, scheme)) await wrk({ url: urlOf(system, scheme), connections: VISITORS, seconds: SECONDS });
  }
  const { address, bulkPort: port } = system;
  if (port === undefined) return;
  for (const direction of ["up", "down"] as const) {
    await iperf({ address, port, direction, streams: 1, seconds: BULK_SECONDS });
  }
}
