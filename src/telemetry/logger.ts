/** Structured logging: the message is a constant sentence, the facts are fields. Formats and targets are elsewhere. */

/** Values are printed as they are; `undefined` leaves the field out, an Error prints its message. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  crit(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line, for example `obj`. */
  with(fields: LogFields): Logger;
}

const silent = (): void => {};

/** Drops everything. */
export const noLog: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  crit: silent,
  with: () => noLog,
};

/** The log of a part that works inside another program: its everyday lines are of interest for debugging only. */
export function innerLog(log: Logger): Logger {
  return {
    debug: (message, fields) => log.debug(message, fields),
    info: (message, fields) => log.debug(message, fields),
    warn: (message, fields) => log.warn(message, fields),
    error: (message, fields) => log.error(message, fields),
    crit: (message, fields) => log.crit(message, fields),
    with: (fields) => innerLog(log.with(fields)),
  };
}
