/** Which format a target gets. */
import type { LogFormat } from "../base/log-settings.ts";
import { formatJsonLine } from "./json-lines.ts";
import type { LogFormatter } from "./log-record.ts";
import { formatLogfmt } from "./logfmt.ts";
import { termFormatter } from "./term-format.ts";

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
