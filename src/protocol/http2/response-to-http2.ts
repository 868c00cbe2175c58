import type { ResponseHead } from "../http1/response-head.ts";
import { type FieldRecord, http2Fields } from "./field-pairs.ts";

/** Of a handshake in HTTP/1.1 (RFC 8441 section 5). */
const ONLY_OF_WEBSOCKET_HANDSHAKE = "sec-websocket-accept";

/** The head of a response as fields of HTTP/2. A WebSocket that was let in has the status 200 there (RFC 8441 section 5). */
export function http2Response(head: ResponseHead): FieldRecord {
  const fields = http2Fields(head);
  if (head.upgraded) delete fields[ONLY_OF_WEBSOCKET_HANDSHAKE];
  fields[":status"] = head.upgraded ? 200 : head.status;
  return fields;
}
