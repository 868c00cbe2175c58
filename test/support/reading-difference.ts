import type { OwnReading, Reading, ReadMessage } from "./http1-reading.ts";

/** What is not the same, of the message of that number. */
export interface Difference {
  readonly message: number;
  readonly in: "start" | "fields" | "body" | "trailers" | "end" | "count";
}

/**
 * Where another reader reads otherwise than ours what ours accepted. One that refuses what ours accepts is stricter, which is no
 * difference; and what ours refuses is no message, whatever others make of it.
 */
export function differenceOf(ours: OwnReading, theirs: Reading): Difference | undefined {
  for (const [message, own] of ours.messages.entries()) {
    const other = theirs.messages[message];
    if (other === undefined) return theirs.fault === undefined ? { message, in: "count" } : undefined;
    const place = own.isWhole ? placeOf(own, other, theirs.fault) : placeInCut(own, other, ours.fault, theirs.fault);
    if (place !== undefined) return { message, in: place };
    if (!other.isWhole) return undefined;
  }
  const message = ours.messages.length;
  return ours.readsOn && theirs.messages.length > message ? { message, in: "count" } : undefined;
}

function placeOf(own: ReadMessage, other: ReadMessage, fault: string | undefined): Difference["in"] | undefined {
  const inHead = placeInHead(own, other);
  if (inHead !== undefined) return inHead;
  if (!other.isWhole) return fault === undefined ? "end" : undefined;
  if (own.body !== other.body) return "body";
  return isSame(own.trailers, other.trailers) ? undefined : "trailers";
}

/** Of a message that ours has not seen the end of. */
function placeInCut(
  own: ReadMessage,
  other: ReadMessage,
  ownFault: string | undefined,
  fault: string | undefined,
): Difference["in"] | undefined {
  const inHead = placeInHead(own, other);
  if (inHead !== undefined) return inHead;
  if (ownFault !== undefined) return undefined;
  if (other.isWhole) return "end";
  return fault === undefined && own.body !== other.body ? "body" : undefined;
}

function placeInHead(own: ReadMessage, other: ReadMessage): "start" | "fields" | undefined {
  if (own.start !== other.start) return "start";
  return isSame(own.fields, other.fields) ? undefined : "fields";
}

function isSame(own: ReadMessage["fields"], other: ReadMessage["fields"]): boolean {
  return (
    own.length === other.length &&
    own.every(([name, value], line) => name === other[line]?.[0] && value === other[line][1])
  );
}
