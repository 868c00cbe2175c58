import type { LogFields } from "./logger.ts";

/** What the log says of a fault of ours. Unlike failures that are to be expected it comes with its stack. */
export function faultFacts(fault: unknown): LogFields {
  return { err: fault, stack: fault instanceof Error ? fault.stack : undefined };
}
