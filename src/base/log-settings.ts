/** What a user may choose about a log, in the words of flags and configuration files (reference.md 2.3). */

/** Most urgent first (reference.md C-11). */
export const LOG_LEVELS = ["crit", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The default is `term`. */
export const LOG_FORMATS = ["term", "logfmt", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export type LogTarget =
  | { readonly kind: "off" | "stdout" | "stderr" }
  /** Appended to; the path is as written, relative to the working directory. */
  | { readonly kind: "file"; readonly path: string };

export interface LogSettings {
  readonly target: LogTarget;
  readonly level: LogLevel;
  readonly format: LogFormat;
}
