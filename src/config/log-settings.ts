/** What agent and edge write to a log, and where (reference.md 2.3). */

/** In increasing order of detail. */
export const LOG_LEVEL_WORDS = ["crit", "error", "warn", "info", "debug"] as const;
export const LOG_FORMAT_WORDS = ["term", "logfmt", "json"] as const;

export type LogLevelWord = (typeof LOG_LEVEL_WORDS)[number];
export type LogFormatWord = (typeof LOG_FORMAT_WORDS)[number];

export type LogTarget =
  | { readonly kind: "off" | "stdout" | "stderr" }
  /** Appended to; the path is as written, relative to the working directory. */
  | { readonly kind: "file"; readonly path: string };

export interface LogSettings {
  readonly target: LogTarget;
  readonly level: LogLevelWord;
  readonly format: LogFormatWord;
}

/** Parses `log`: `stdout`, `stderr`, `false`, or a path. */
export function parseLogTarget(text: string): LogTarget {
  if (text === "false") return { kind: "off" };
  return text === "stdout" || text === "stderr" ? { kind: text } : { kind: "file", path: text };
}
