import type { LogFields, Logger } from "./logger.ts";

/** What the log says of a fault of ours. Unlike failures that are to be expected it comes with its stack. */
export function faultFacts(fault: unknown): LogFields {
  return { err: fault, stack: fault instanceof Error ? fault.stack : undefined };
}

/** For the faults inside the callbacks of connections, each of which has cost one connection. */
export function connectionFaultsTo(log: Logger): (fault: unknown) => void {
  return (fault) => log.error("a connection failed by a fault of ginnel", faultFacts(fault));
}
