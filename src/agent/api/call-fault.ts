import { faultFacts } from "../../telemetry/fault-facts.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** A fault of ours that a call has met, before its answer has begun or behind that. */
export function logCallFault(log: Logger, fault: unknown): void {
  log.error("fault in a call of the agent API", { obj: "web", ...faultFacts(fault) });
}
