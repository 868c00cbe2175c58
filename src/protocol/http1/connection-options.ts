import type { FieldTable } from "./field-table.ts";
import { listMembers } from "./list-members.ts";

export const CLOSE = 1;
export const KEEP_ALIVE = 2;
export const UPGRADE = 4;
/** Some option that no reader needs to know in order to read on: it names a field for the next one to take away. */
export const FOREIGN = 8;

/** Those that mean something here or at the upstream. */
const OWN = new Map([
  ["close", CLOSE],
  ["keep-alive", KEEP_ALIVE],
  ["upgrade", UPGRADE],
  ["te", 0],
]);

/** The options in one line of Connection (RFC 9110 section 7.6.1), as a set of bits. Most lines hold one word, which needs no text to be made. */
export function connectionOptions(fields: FieldTable, line: number): number {
  if (fields.isValued(line, "keep-alive")) return KEEP_ALIVE;
  if (fields.isValued(line, "close")) return CLOSE;
  if (fields.isValued(line, "upgrade")) return UPGRADE;
  let options = 0;
  for (const member of listMembers([fields.value(line).toLowerCase()])) options |= OWN.get(member) ?? FOREIGN;
  return options;
}

/** What is left of all lines of Connection without {@link FOREIGN} options, as spelled. */
export function ownOptions(lines: readonly string[]): readonly string[] {
  return listMembers(lines).filter((member) => OWN.has(member.toLowerCase()));
}
