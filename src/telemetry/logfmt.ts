/** The log as `key=value` pairs, one line each (reference.md 6.1). */
import { escapeUnprintable, holdsUnprintable } from "../base/unprintable.ts";
import { fieldText } from "./field-text.ts";
import { LEVEL_WORDS } from "./log-level.ts";
import { orderedFacts, type LogRecord } from "./log-record.ts";
import { secondsWithOffset } from "./wall-clock-text.ts";

/** `t=2024-05-01T10:11:12+0000 lvl=info msg="client session established" obj=tunnels.session id=1a2b3c4d5e6f` */
export function formatLogfmt(record: LogRecord): string {
  const head = `t=${secondsWithOffset(record)} lvl=${LEVEL_WORDS[record.level]} msg=${logfmtValue(record.message)}`;
  const facts = orderedFacts(record.fields, fieldText).map(([key, text]) => ` ${key}=${logfmtValue(text)}`);
  return `${head}${facts.join("")}\n`;
}

/**
 * A value as it stands behind `=`. Readers split lines like a POSIX shell (clients.md K-072), so besides spaces, `=` and
 * double quotes also apostrophes, backslashes and control characters force quotes.
 */
export function logfmtValue(text: string): string {
  return text === "" || /[\s="'\\]/.test(text) || holdsUnprintable(text) ? quoted(text) : text;
}

function quoted(text: string): string {
  return `"${escapeUnprintable(text.replaceAll(/["\\]/g, String.raw`\$&`))}"`;
}
