import type { RequestHead } from "../http1/request-head.ts";
import { type FieldRecord, http2Fields } from "./field-pairs.ts";

/** Of HTTP/1.1 alone: who waits for a 100 gets one from whoever translates. */
const ONLY_OF_HTTP1 = ["host", "http2-settings"] as const;

/** The head of a request as fields of HTTP/2 (RFC 9113 section 8.3.1). `scheme` is that of the connection it leaves on. */
export function http2Request(head: RequestHead, scheme: "http" | "https"): FieldRecord {
  const fields = http2Fields(head);
  for (const name of ONLY_OF_HTTP1) delete fields[name];
  fields[":method"] = head.method;
  fields[":scheme"] = scheme;
  fields[":authority"] = head.get("host") ?? "";
  fields[":path"] = head.originForm;
  return fields;
}
