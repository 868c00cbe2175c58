import type { Version } from "../../protocol/http1/framing.ts";
import { writeResponse } from "../../protocol/http1/response-writer.ts";
import type { OwnAnswer } from "./own-answer.ts";

/** What depends on the request that the edge answers itself, and on what becomes of its connection. */
export interface OwnResponseOptions {
  readonly toHead: boolean;
  readonly keepsAlive: boolean;
  /** Of the request; HTTP/1.0 wants to be told that the connection stays. Absent: there was none to understand. */
  readonly version?: Version | undefined;
  /** Now: every answer of a server with a clock has it (RFC 9110 section 6.6.1). */
  readonly date: Date;
}

/** An answer of the edge's own as bytes to send. */
export function ownResponse(answer: OwnAnswer, { toHead, keepsAlive, version, date }: OwnResponseOptions): Uint8Array {
  const option = keepsAlive ? (version === 10 ? "keep-alive" : undefined) : "close";
  const connection = option === undefined ? [] : [["Connection", option] as const];
  return writeResponse({ ...answer, fields: [["Date", date.toUTCString()], ...answer.fields, ...connection], toHead });
}
