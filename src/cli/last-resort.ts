/**
 * Faults of ours that nobody could place. One that a single connection, session or call met was caught there, and has cost
 * no more than that; behind any other nobody knows what else is wrong, so the process ends, in order, and begins anew.
 */
export interface FirstFault extends Disposable {
  /** Rejects with the first one; stays as it is otherwise. */
  readonly fault: Promise<never>;
}

/** Until disposed of, a fault is told to who waits for one, in place of ending the process at once with whatever it holds. */
export function firstFault(): FirstFault {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // nobody has to wait
  process.on("uncaughtException", reject);
  process.on("unhandledRejection", reject);
  return {
    fault: promise,
    [Symbol.dispose]() {
      process.off("uncaughtException", reject);
      process.off("unhandledRejection", reject);
    },
  };
}
