/** Faults of ours that nothing else caught. One that a single connection met must not end those of everybody else. */
import { faultFacts } from "../telemetry/fault-facts.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Until disposed of, the process outlives such a fault, and the log has it with its stack. */
export function outliveFaults(log: Logger): Disposable {
  const tell = (fault: unknown): void => log.error("a fault of ginnel was not caught", faultFacts(fault));
  process.on("uncaughtException", tell);
  process.on("unhandledRejection", tell);
  return {
    [Symbol.dispose]() {
      process.off("uncaughtException", tell);
      process.off("unhandledRejection", tell);
    },
  };
}
