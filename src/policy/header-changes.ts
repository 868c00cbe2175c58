/** Header fields that a policy adds and removes (reference.md 7.11 and 9.2): first removed, then added. */
import { PublicError } from "../base/errors.ts";
import { DEL, isToken, SP, TAB } from "../protocol/http1/octets.ts";
import type { Field } from "./policy-verdict.ts";

/** Names checked and values ready for the wire. */
export interface HeaderChanges {
  readonly removed: readonly string[];
  /** Appended, but `host` replaces. */
  readonly added: readonly Field[];
}

/** Published limit of each list. */
export const MAX_HEADER_CHANGES = 10;

/** These frame the message or name the connection, belong to the edge, or are promised to stay (`user-agent`). */
const UNTOUCHABLE: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "ngrok-error-code",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);

/** @throws PublicError 2208, 2209, 2211 or 2212 */
export function headerChanges(removed: readonly string[], added: readonly Field[]): HeaderChanges {
  for (const list of [removed, added]) {
    if (list.length > MAX_HEADER_CHANGES) {
      throw new PublicError("ERR_NGROK_2208", { limit: MAX_HEADER_CHANGES, got: list.length });
    }
  }
  for (const name of [...removed, ...added.map(([field]) => field)]) {
    if (!isToken(name)) throw new PublicError("ERR_NGROK_2209", { name });
    if (UNTOUCHABLE.has(name.toLowerCase())) throw new PublicError("ERR_NGROK_2211", { name });
  }
  const host = removed.find((name) => name.toLowerCase() === "host");
  if (host !== undefined) throw new PublicError("ERR_NGROK_2211", { name: host });
  return { removed, added: added.map(([name, value]): Field => [name, fieldValue(name, value)]) };
}

/** One field to add as `name:value`; the first colon separates. @throws PublicError 2209 without one */
export function parseHeaderLine(line: string): Field {
  const colon = line.indexOf(":");
  if (colon < 1) throw new PublicError("ERR_NGROK_2209", { name: line });
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

/** A value as octets of UTF-8, one per character. @throws PublicError 2212 for one that holds line ends or other controls */
export function fieldValue(name: string, value: string): string {
  const octets = [...Buffer.from(value, "utf8")];
  if (octets.some((octet) => (octet < SP && octet !== TAB) || octet === DEL)) {
    throw new PublicError("ERR_NGROK_2212", { name });
  }
  return Buffer.from(octets).toString("latin1").trim();
}

/** Whatever takes the changes: a request under way, or the edits of a response. */
interface Changeable {
  add(name: string, value: string): unknown;
  set(name: string, value: string): unknown;
  remove(name: string): unknown;
}

export function applyChanges({ removed, added }: HeaderChanges, target: Changeable): void {
  for (const name of removed) target.remove(name);
  for (const [name, value] of added) {
    if (name.toLowerCase() === "host") target.set(name, value);
    else target.add(name, value);
  }
}

/** The same for fields of an answer of our own. */
export function changedFields({ removed, added }: HeaderChanges, fields: readonly Field[]): readonly Field[] {
  const gone = new Set(removed.map((name) => name.toLowerCase()));
  return [...fields.filter(([name]) => !gone.has(name.toLowerCase())), ...added];
}
