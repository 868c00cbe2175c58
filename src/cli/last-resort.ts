/** Faults of ours that nothing else caught. One that a single connection met must not end those of everybody else. */
import { faultFacts } from "../telemetry/fault-facts.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Faults that end what the process does, in order. */
export interface FirstFault extends Disposable {
  /** Rejects with the first one; stays as it is otherwise. */
  readonly fault: Promise<never>;
}

/** Until disposed of, a fault is told to who waits for one, in place of ending the process at once with whatever it holds. */
export function firstFault(): FirstFault {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // nobody has to wait
  return { fault: promise, ...onFaults(reject) };
}

/** Until disposed of, the process outlives such a fault, and the log has it with its stack. */
export function outliveFaults(log: Logger): Disposable {
  return onFaults((fault) => log.error("a fault of ginnel was not caught", faultFacts(fault)));
}

function onFaults(tell: (fault: unknown) => void): Disposable {
  process.on("uncaughtException", tell);
  process.on("unhandledRejection", tell);
  return {
    [Symbol.dispose]() {
      process.off("uncaughtException", tell);
      process.off("unhandledRejection", tell);
    },
  };
}
