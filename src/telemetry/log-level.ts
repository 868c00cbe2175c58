/** How urgent a line is. Severity order is crit, error, warn, info, debug (reference.md C-11). */
import { LOG_LEVELS, type LogLevel } from "../base/log-settings.ts";

/** The four letters that log readers know (clients.md K-071). */
export const LEVEL_WORDS: Readonly<Record<LogLevel, string>> = {
  crit: "crit",
  error: "eror",
  warn: "warn",
  info: "info",
  debug: "dbug",
};

/** True when a log set to `threshold` prints a line of `level`. */
export function passesLevel(level: LogLevel, threshold: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(threshold);
}
