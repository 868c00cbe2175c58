/** The log as one flat JSON object a line: keys sorted, every value a string (reference.md 6.1, clients.md K-075). */
import { escapeUnprintableJson } from "../base/unprintable.ts";
import { fieldText } from "./field-text.ts";
import { LEVEL_WORDS } from "./log-level.ts";
import { orderedFacts, type LogRecord } from "./log-record.ts";
import { rfc3339 } from "./wall-clock-text.ts";

/** `{"lvl":"info","msg":"started tunnel","obj":"tunnels","t":"…","url":"…"}` */
export function formatJsonLine(record: LogRecord): string {
  const members: readonly (readonly [string, string])[] = [
    ["lvl", LEVEL_WORDS[record.level]],
    ["msg", record.message],
    ["t", rfc3339(record)],
    ...orderedFacts(record.fields, fieldText),
  ];
  const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
  // Written member by member: an object would move keys that look like numbers to the front.
  return `{${sorted.map(([key, text]) => `${JSON.stringify(key)}:${escapeUnprintableJson(JSON.stringify(text))}`).join(",")}}\n`;
}
