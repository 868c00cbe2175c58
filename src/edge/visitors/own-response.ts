import { writeResponse } from "../../protocol/http1/response-writer.ts";
import type { ErrorAnswer } from "./error-page.ts";

/** What depends on the request that the edge answers itself, and on what becomes of its connection. */
export interface OwnResponseOptions {
  readonly toHead: boolean;
  readonly keepsAlive: boolean;
}

/** An answer of the edge's own as bytes to send. */
export function ownResponse(answer: ErrorAnswer, { toHead, keepsAlive }: OwnResponseOptions): Uint8Array {
  const fields = keepsAlive ? answer.fields : [...answer.fields, ["Connection", "close"] as const];
  return writeResponse({ ...answer, fields, toHead });
}
