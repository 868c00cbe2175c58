/** The logger that prints: filters by level, adds the time, formats, and hands whole lines to a sink. */
import type { Clock } from "../base/clock.ts";
import { passesLevel } from "./log-level.ts";
import type { LogFormatter } from "./log-record.ts";
import type { LogLevel } from "../base/log-settings.ts";
import type { LogFields, Logger } from "./logger.ts";

/** Takes one whole line at once; must neither wait nor throw. */
export type WriteLine = (line: string) => void;

export interface LineLoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormatter;
  readonly write: WriteLine;
  readonly clock: Pick<Clock, "date">;
}

export class LineLogger implements Logger {
  readonly #options: LineLoggerOptions;
  readonly #bound: LogFields;

  constructor(options: LineLoggerOptions, bound: LogFields = {}) {
    this.#options = options;
    this.#bound = bound;
  }

  debug(message: string, fields?: LogFields): void {
    this.#print("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#print("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#print("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#print("error", message, fields);
  }

  crit(message: string, fields?: LogFields): void {
    this.#print("crit", message, fields);
  }

  with(fields: LogFields): Logger {
    return new LineLogger(this.#options, { ...this.#bound, ...fields });
  }

  #print(level: LogLevel, message: string, given: LogFields | undefined): void {
    const { level: threshold, clock, format, write } = this.#options;
    if (!passesLevel(level, threshold)) return;
    const date = clock.date();
    const fields = withReason(level, message, { ...this.#bound, ...given });
    write(format({ level, message, fields, date, utcOffsetMinutes: -date.getTimezoneOffset() }));
  }
}

/** Readers show the `err` of the last error line (clients.md K-074), so one without repeats its message there. */
function withReason(level: LogLevel, message: string, fields: LogFields): LogFields {
  const isFailure = level === "error" || level === "crit";
  return isFailure && fields["err"] === undefined ? { ...fields, err: message } : fields;
}
