/** The octets of a captured request that is sent once more, as it was or with changes. Pure. */
import { UsageError } from "../base/errors.ts";
import { ChunkedBody } from "../protocol/http1/chunked-body.ts";
import type { CapturedFields, CapturedRequest } from "../capture/exchange.ts";
import type { BadRequest } from "../protocol/http1/faults.ts";
import { checkField } from "../protocol/http1/field-text.ts";
import { writeLatin1 } from "../protocol/http1/latin1.ts";
import { isToken } from "../protocol/http1/octets.ts";
import { RequestReader } from "../protocol/http1/request-reader.ts";

/** What is to be other than it was; of text, a character stands for an octet. */
export interface ReplayChanges {
  readonly method?: string | undefined;
  readonly target?: string | undefined;
  /** All of them. Those that tell the end of the body are ours: they are left out and made anew. */
  readonly fields?: CapturedFields | undefined;
  /** Without chunked coding. */
  readonly body?: Uint8Array | undefined;
  readonly trailers?: CapturedFields | undefined;
}

const FRAMING = new Set(["content-length", "transfer-encoding"]);
/** Methods whose requests have a meaning without a body: no length is told when there is none (RFC 9110 section 8.6). */
const BODILESS = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"]);

/**
 * Without changes the octets are those that were captured. With any, the head is written anew and Content-Length counted;
 * a request with trailers is chunked.
 * @throws UsageError when the request is not there as a whole, or the changes make no request
 */
export function repeatedRequest(request: CapturedRequest, changes: ReplayChanges = {}): Uint8Array {
  refuseIncomplete(request);
  if (Object.values(changes).every((change) => change === undefined)) return request.raw.slice();
  const method = changes.method ?? request.method;
  const target = changes.target ?? request.target;
  const trailers = changes.trailers ?? request.trailers;
  const body = changes.body ?? bodyOf(request);
  refuseUnwritable(method, target);
  const fields = (changes.fields ?? request.head).filter(([name]) => !FRAMING.has(name.toLowerCase()));
  const framing = framingOf(method, body, trailers);
  const head = octets(`${method} ${target} ${request.version}\r\n${lines([...fields, ...framing])}\r\n`);
  refuseUnreadable(head);
  if (trailers.length === 0) return Buffer.concat([head, body]);
  const chunk = body.length === 0 ? [] : [octets(`${body.length.toString(16)}\r\n`), body, octets("\r\n")];
  return Buffer.concat([head, ...chunk, octets(`0\r\n${lines(trailers)}\r\n`)]);
}

function refuseIncomplete({ isTruncated, isWhole, raw }: CapturedRequest): void {
  if (isTruncated) {
    throw new UsageError(
      `the request cannot be repeated: it was larger than what is captured, and only its first ${raw.length} bytes are here`,
    );
  }
  if (!isWhole) {
    throw new UsageError("the request cannot be repeated: it is not here as a whole; it goes on still, or was cut off");
  }
}

/** Without chunked coding. */
function bodyOf({ raw, headBytes, head }: CapturedRequest): Uint8Array {
  const body = raw.subarray(headBytes);
  if (!head.some(([name]) => name.toLowerCase() === "transfer-encoding")) return body;
  const pieces: Uint8Array[] = [];
  new ChunkedBody((piece) => pieces.push(piece)).receive(body);
  return Buffer.concat(pieces);
}

function refuseUnwritable(method: string, target: string): void {
  if (!isToken(method)) throw new UsageError(`method ${JSON.stringify(method)} is not one of HTTP; write letters only`);
  // Controls, spaces and whatever has no octet would make another request of it.
  if (!/^[\x21-\x7e\x80-\xff]+$/.test(target)) {
    throw new UsageError(
      `path ${JSON.stringify(target)} cannot be sent: write spaces and controls as %20 and the like`,
    );
  }
}

/** What we cannot read ourselves would be answered with a refusal, if at all, and nothing of the answer could be shown. */
function refuseUnreadable(head: Uint8Array): void {
  const ignore = (): void => {};
  const refuse = (cause: BadRequest): never => {
    throw new UsageError(`the changed request cannot be sent: ${cause.reason}`, { cause });
  };
  new RequestReader({
    onHead: ignore,
    onBody: ignore,
    onComplete: ignore,
    onNoMore: ignore,
    onCut: ignore,
    onRefused: refuse,
  }).receive(head);
}

function framingOf(method: string, body: Uint8Array, trailers: CapturedFields): CapturedFields {
  if (trailers.length > 0) return [["Transfer-Encoding", "chunked"]];
  return body.length === 0 && BODILESS.has(method) ? [] : [["Content-Length", String(body.length)]];
}

function lines(fields: CapturedFields): string {
  return fields.map(([name, value]) => `${checkedName(name, value)}: ${value}\r\n`).join("");
}

function checkedName(name: string, value: string): string {
  try {
    checkField(name, value);
    return name;
  } catch (cause) {
    throw new UsageError(`header ${JSON.stringify(name)} cannot be sent: ${String(cause)}`, { cause });
  }
}

function octets(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeLatin1(bytes, 0, text);
  return bytes;
}
