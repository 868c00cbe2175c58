/** A response of HTTP/2 in the words of HTTP/1.1 (RFC 9113 section 8.3.2). */
import type { FieldLines } from "../http1/field-lines.ts";
import type { RequestHead } from "../http1/request-head.ts";
import { faultOfField, MalformedHttp2 } from "./field-pairs.ts";

export interface Http1Response {
  /** The head, one octet per character, blank line included. */
  readonly head: string;
  /** How the body is to be written: `close` ends with the connection, for those who know no chunks. */
  readonly coding: "none" | "length" | "chunked" | "close";
  /** Bytes of the body, with the coding `length`. */
  readonly contentLength: number;
}

export interface ResponseContext {
  readonly request: Pick<RequestHead, "method" | "version">;
  /** The stream goes on behind the head. */
  readonly hasBody: boolean;
}

/** `fields` are those of the head in their order, `:status` included. Of an interim response too. */
export function http1Response(fields: FieldLines, context: ResponseContext): Http1Response | MalformedHttp2 {
  const [[first, status] = ["", ""], ...lines] = fields;
  if (first !== ":status" || !/^[1-9]\d\d$/.test(status)) return new MalformedHttp2("there is no status");
  for (const [name, value] of lines) {
    const fault = faultOfField(name, value);
    if (fault !== undefined) return new MalformedHttp2(fault);
  }
  const length = contentLengthOf(lines);
  if (length instanceof MalformedHttp2) return length;
  const code = Number(status);
  const coding = codingOf(code, length, context);
  const added = coding === "chunked" ? ["transfer-encoding: chunked"] : coding === "close" ? ["connection: close"] : [];
  // Without a length a reader would wait for the end of the connection.
  const isEmpty = coding === "length" && length === undefined;
  // These have none, and may not claim one (RFC 9110 section 8.6).
  const passed = code < 200 || code === 204 ? lines.filter(([name]) => name !== "content-length") : lines;
  const all = [
    ...passed.map(([name, value]) => `${name}: ${value}`),
    ...added,
    ...(isEmpty ? ["content-length: 0"] : []),
  ];
  const head = `HTTP/1.1 ${status} \r\n${all.map((line) => `${line}\r\n`).join("")}\r\n`;
  return { head, coding, contentLength: length ?? 0 };
}

function codingOf(status: number, length: number | undefined, { request, hasBody }: ResponseContext) {
  if (request.method === "HEAD" || status < 200 || status === 204 || status === 304) return "none";
  if (length !== undefined || !hasBody) return "length";
  return request.version === 11 ? "chunked" : "close";
}

function contentLengthOf(lines: FieldLines): number | undefined | MalformedHttp2 {
  const named = lines.filter(([name]) => name === "content-length").map(([, value]) => value);
  if (named.length === 0) return undefined;
  const [text = ""] = named;
  const isNumber = named.length === 1 && /^\d+$/.test(text) && Number.isSafeInteger(Number(text));
  return isNumber ? Number(text) : new MalformedHttp2("Content-Length is not one decimal number");
}
