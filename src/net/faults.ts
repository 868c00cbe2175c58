/**
 * Hears an exception that our own code threw inside a callback of a connection. That connection has been reset; the
 * process goes on. Must not throw.
 */
export type OnFault = (fault: unknown) => void;

/** Where nobody listens for faults they become a warning of the process, so that they are never lost. */
export const warnOfFault: OnFault = (fault) => {
  process.emitWarning(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault), "ConnectionFault");
};
