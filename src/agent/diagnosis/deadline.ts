import type { Clock } from "../../base/clock.ts";
import { DialError } from "../../net/dial-error.ts";

export interface DeadlineOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * The outcome of a task, or a DialError once the time is over or the signal is given; the task itself may go on, and nobody minds how it
 * ends. `what` names it in the error.
 */
export async function withDeadline<T>(task: Promise<T>, what: string, options: DeadlineOptions): Promise<T> {
  const { timeoutMs, signal, clock } = options;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(new DialError("aborted", `${what}: operation was canceled`));
  const cancel = clock.after(timeoutMs, () => {
    reject(new DialError("timedOut", `${what}: no answer within ${Math.round(timeoutMs / 100) / 10} s`));
  });
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  task.catch(() => {});
  try {
    return await Promise.race([task, promise]);
  } finally {
    cancel();
    signal.removeEventListener("abort", abort);
  }
}
