import type { Duplex } from "../../net/duplex.ts";
import type { OnFault } from "../../net/faults.ts";
import type { DeadlineOptions } from "./deadline.ts";
import type { Step } from "./step.ts";

/** A new connection to the edge, without TLS, which becomes the caller's. Rejects with DialError. */
export type Dial = () => Promise<Duplex>;

/** How a connection gets to the edge, as far as that was found out. */
export interface Way {
  readonly steps: readonly Step[];
  /** Undefined when there is no way. */
  readonly dial: Dial | undefined;
}

/** For each step. */
export interface StepLimits extends DeadlineOptions {
  readonly onFault: OnFault;
}

/** At least one: nothing takes no time. */
export function inMs(durationMs: number): string {
  return `${Math.max(1, Math.round(durationMs))} ms`;
}
