/** The formats a user may choose from, and which one a target gets. */
import { formatJsonLine } from "./json-lines.ts";
import type { LogFormatter } from "./log-record.ts";
import { formatLogfmt } from "./logfmt.ts";
import { termFormatter } from "./term-format.ts";

/** The values of `log_format`; `term` is the default (reference.md 2.3). */
export const LOG_FORMATS = ["logfmt", "json", "term"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** `term` is for terminals only: on a pipe or in a file it is logfmt (clients.md K-070). */
export function formatterFor(format: LogFormat, terminal: { isTerminal: boolean; coloured: boolean }): LogFormatter {
  switch (format) {
    case "logfmt":
      return formatLogfmt;
    case "json":
      return formatJsonLine;
    case "term":
      return terminal.isTerminal ? termFormatter(terminal.coloured) : formatLogfmt;
  }
}
