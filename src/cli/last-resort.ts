/**
 * Faults of ours that nobody could place. One that a single connection, session or call met was caught there, and has cost
 * no more than that; behind any other nobody knows what else is wrong, so the process ends, in order, and begins anew.
 */
import { faultFacts } from "../telemetry/fault-facts.ts";
import type { Logger } from "../telemetry/logger.ts";

export interface FirstFault extends Disposable {
  /** Rejects with the first one; stays as it is otherwise. */
  readonly fault: Promise<never>;
  /** Throws the first one, if there was any: for who has ended in order, and must not say that all was well. */
  rethrow(): void;
}

/**
 * Until disposed of, a fault is told to who waits for one, in place of ending the process at once with whatever it holds.
 * Every one is logged when it happens, with its stack, under `message`.
 */
export function firstFault(log: Logger, message: string): FirstFault {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // nobody has to wait
  let first: { readonly fault: unknown } | undefined;
  const onFault = (fault: unknown): void => {
    log.error(message, faultFacts(fault));
    first ??= { fault };
    reject(fault);
  };
  process.on("uncaughtException", onFault);
  process.on("unhandledRejection", onFault);
  return {
    fault: promise,
    rethrow() {
      if (first !== undefined) throw first.fault;
    },
    [Symbol.dispose]() {
      process.off("uncaughtException", onFault);
      process.off("unhandledRejection", onFault);
    },
  };
}
