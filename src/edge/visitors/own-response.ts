import { writeResponse } from "../../protocol/http1/response-writer.ts";
import type { OwnAnswer } from "./own-answer.ts";

/** What depends on the request that the edge answers itself, and on what becomes of its connection. */
export interface OwnResponseOptions {
  readonly toHead: boolean;
  readonly keepsAlive: boolean;
  /** Now: every answer of a server with a clock has it (RFC 9110 section 6.6.1). */
  readonly date: Date;
}

/** An answer of the edge's own as bytes to send. */
export function ownResponse(answer: OwnAnswer, { toHead, keepsAlive, date }: OwnResponseOptions): Uint8Array {
  const close = keepsAlive ? [] : [["Connection", "close"] as const];
  return writeResponse({ ...answer, fields: [["Date", date.toUTCString()], ...answer.fields, ...close], toHead });
}
