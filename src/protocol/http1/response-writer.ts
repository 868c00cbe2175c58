import { checkField, checkText } from "./field-text.ts";
import { writeLatin1 } from "./latin1.ts";

/** A response of our own making, whole in memory. */
export interface OwnResponse {
  /** 200 to 599. 204 and 304 have neither body nor Content-Length (RFC 9110 section 8.6). */
  readonly status: number;
  /** Phrase behind the status; may be left out (RFC 9112 section 4). */
  readonly reason?: string;
  /** Without Content-Length, which is added. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** The answer to HEAD tells the length of the body and leaves it out. */
  readonly toHead?: boolean;
  /** What the answer to HEAD says of a body that is not here; `unknown`: nothing. Absent: the length of `body`. */
  readonly bodyLength?: number | "unknown" | undefined;
}

/** The response as octets to send. Names and values are checked, see `checkField`. */
export function writeResponse(response: OwnResponse): Uint8Array {
  const { status, reason = "", fields, body, toHead = false } = response;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new Error(`status ${status} is not one of a final response`);
  }
  checkText("a reason phrase", reason);
  for (const [name, value] of fields) checkField(name, value);
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const isBodiless = status === 204 || status === 304;
  const told = (toHead ? response.bodyLength : undefined) ?? body.length;
  const length = isBodiless || told === "unknown" ? "" : `Content-Length: ${told}\r\n`;
  const head = `HTTP/1.1 ${status} ${reason}\r\n${lines}${length}\r\n`;
  const sent = toHead || isBodiless ? body.subarray(0, 0) : body;
  const bytes = new Uint8Array(head.length + sent.length);
  bytes.set(sent, writeLatin1(bytes, 0, head));
  return bytes;
}
