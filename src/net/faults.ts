import type { Clock } from "../base/clock.ts";

/**
 * Hears an exception that our own code threw inside a callback of a connection. That connection has been reset; the
 * process goes on. Must not throw.
 */
export type OnFault = (fault: unknown) => void;

/** Where nobody listens for faults they become a warning of the process, so that they are never lost. */
export const warnOfFault: OnFault = (fault) => {
  process.emitWarning(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault), "ConnectionFault");
};

/** A clock whose wakings belong to somebody: what they throw is told to `onFault`, and the process goes on. */
export function guardedClock(clock: Clock, onFault: OnFault): Clock {
  return {
    nowMs: () => clock.nowMs(),
    date: () => clock.date(),
    after: (delayMs, wake) =>
      clock.after(delayMs, () => {
        try {
          wake();
        } catch (fault) {
          onFault(fault);
        }
      }),
  };
}
