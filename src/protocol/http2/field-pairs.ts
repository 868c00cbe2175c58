/**
 * Between the fields of HTTP/2 and those of HTTP/1.1 (RFC 9113 section 8). The frames are the business of a library; here is
 * what their fields mean in the other version. This folder knows no socket and no stream.
 */
import type { FieldLines } from "../http1/field-lines.ts";
import { listMembers } from "../http1/list-members.ts";
import { DEL, isToken, SP, TAB } from "../http1/octets.ts";

/** Fields as the library wants them: a name has one value, or a list of them. Without a prototype, whose names are names too. */
export type FieldRecord = Record<string, string | string[] | number>;

/** A message that may not be passed on (RFC 9113 section 8.1.1). */
export class MalformedHttp2 {
  /** For people. */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Fields that speak of one connection of HTTP/1 (RFC 9113 section 8.2.2). */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** Only in the head: they frame or route a message (RFC 9110 section 6.5.1). */
const NEVER_IN_TRAILERS: ReadonlySet<string> = new Set(["content-length", "host", "te", "trailer"]);

export function isOfTheConnection(name: string): boolean {
  return OF_THE_CONNECTION.has(name);
}

/** Names and values that alternate, as the library hands them out. */
export function pairsOf(raw: readonly string[]): FieldLines {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? "", raw[at + 1] ?? ""]);
  return pairs;
}

/** What is wrong with a field that is no pseudo-header (RFC 9113 section 8.2.1), in words for people. */
export function faultOfField(name: string, value: string): string | undefined {
  if (!isToken(name) || name !== name.toLowerCase()) return "a field name is not a token in lower case";
  if (!isFieldText(value)) return "a field value holds what no field value may";
  return isOfTheConnection(name) ? `the field ${name} speaks of a connection of HTTP/1` : undefined;
}

/** Octets of a field value, with no white space around. */
function isFieldText(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if ((code < SP && code !== TAB) || code === DEL || code > 0xff) return false;
  }
  return !/^[ \t]|[ \t]$/.test(value);
}

/** Trailers that may go on in either version; what frames, routes or breaks rules is left out. */
export function passableTrailers(trailers: FieldLines): FieldLines {
  return trailers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name, value]) => faultOfField(name, value) === undefined && !NEVER_IN_TRAILERS.has(name));
}

/**
 * The fields of a message of HTTP/1.1 without those of its connection. Lines of one name are combined, which changes nothing
 * (RFC 9110 section 5.2); only Set-Cookie cannot be.
 */
export function http2Fields(lines: Iterable<readonly [string, string]>): FieldRecord {
  const all = [...lines].map(([name, value]) => [name.toLowerCase(), value] as const);
  const listed = all.filter(([name]) => name === "connection").map(([, value]) => value);
  const named = new Set(listMembers(listed).map((member) => member.toLowerCase()));
  const fields = noFields();
  for (const [name, value] of all) {
    if (name === "te") {
      if (listMembers([value.toLowerCase()]).includes("trailers")) fields[name] = "trailers";
    } else if (!isOfTheConnection(name) && !named.has(name)) addField(fields, name, value);
  }
  return fields;
}

/** An empty record to add to. */
export function noFields(): FieldRecord {
  return Object.create(null) as FieldRecord; // a record without the names that every object has
}

function addField(fields: FieldRecord, name: string, value: string): void {
  const known = fields[name];
  if (name === "set-cookie") fields[name] = Array.isArray(known) ? [...known, value] : [value];
  else fields[name] = known === undefined ? value : `${String(known)}${name === "cookie" ? "; " : ", "}${value}`;
}
