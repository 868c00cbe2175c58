/** One line of the log before it has a shape: what the formats turn into text. */
import type { LogLevel } from "../base/log-settings.ts";
import type { LogFields } from "./logger.ts";

export interface LogRecord {
  readonly level: LogLevel;
  readonly message: string;
  /** In the order of the line; `undefined` values are left out by every format. */
  readonly fields: LogFields;
  readonly date: Date;
  /** Minutes that the reader's wall clock is ahead of UTC. */
  readonly utcOffsetMinutes: number;
}

/** A pure function to one whole line that ends with its only newline. */
export type LogFormatter = (record: LogRecord) => string;

/** Fields that every line has; a fact of the same name would hide them, so it gives way. */
const OWN_KEYS = new Set(["t", "lvl", "msg"]);

/**
 * The facts of a line as key and text, in the order readers rely on: `obj` first, `url` last (clients.md K-076), the
 * rest as given.
 */
export function orderedFacts(
  fields: LogFields,
  text: (value: unknown) => string,
): readonly (readonly [string, string])[] {
  const rank = (key: string): number => (key === "obj" ? 0 : key === "url" ? 2 : 1);
  return Object.entries(fields)
    .filter(([key, value]) => value !== undefined && !OWN_KEYS.has(key))
    .map(([key, value]) => [key.replaceAll(/[^\w.-]/g, "_"), text(value)] as const)
    .sort(([a], [b]) => rank(a) - rank(b));
}
