import type { LogLevel } from "../../src/base/log-settings.ts";
import type { LogFields, Logger } from "../../src/telemetry/logger.ts";

export interface RecordedLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that remembers its lines. */
export function recordingLog(): { readonly log: Logger; readonly lines: RecordedLine[] } {
  const lines: RecordedLine[] = [];
  const loggerWith = (common: LogFields): Logger => {
    const at =
      (level: LogLevel) =>
      (message: string, fields: LogFields = {}): void =>
        void lines.push({ level, message, fields: { ...common, ...fields } });
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      crit: at("crit"),
      with: (fields) => loggerWith({ ...common, ...fields }),
    };
  };
  return { log: loggerWith({}), lines };
}
