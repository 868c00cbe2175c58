/** The log for a person at a terminal: `INFO[09-23|11:32:44] message    key=value` (reference.md 6.1). */
import { escapeUnprintable } from "../base/unprintable.ts";
import { fieldText } from "./field-text.ts";
import { LEVEL_WORDS } from "./log-level.ts";
import { orderedFacts, type LogFormatter, type LogRecord } from "./log-record.ts";
import type { LogLevel } from "../base/log-settings.ts";
import { logfmtValue } from "./logfmt.ts";
import { shortMoment } from "./wall-clock-text.ts";

/** Facts begin in one column unless the message is longer. */
const MESSAGE_WIDTH = 40;

/** Foreground colours of the terminal (ECMA-48 SGR). */
const COLOURS: Readonly<Record<LogLevel, number>> = { crit: 35, error: 31, warn: 33, info: 32, debug: 36 };

/** The formatter, with or without colour. */
export function termFormatter(coloured: boolean): LogFormatter {
  return (record) => {
    const paint = (text: string): string => (coloured ? `\x1b[${COLOURS[record.level]}m${text}\x1b[0m` : text);
    return `${paint(LEVEL_WORDS[record.level].toUpperCase())}[${shortMoment(record)}] ${body(record, paint)}\n`;
  };
}

function body(record: LogRecord, paint: (text: string) => string): string {
  const message = escapeUnprintable(record.message);
  const facts = orderedFacts(record.fields, fieldText).map(([key, text]) => `${paint(key)}=${logfmtValue(text)}`);
  return facts.length === 0 ? message : [message.padEnd(MESSAGE_WIDTH), ...facts].join(" ");
}
