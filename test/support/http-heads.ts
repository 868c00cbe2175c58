/** Heads of HTTP/1 as readers of real messages make them. */
import type { RequestHead } from "../../src/protocol/http1/request-head.ts";
import { RequestReader } from "../../src/protocol/http1/request-reader.ts";
import type { ResponseHead } from "../../src/protocol/http1/response-head.ts";
import { ResponseReader } from "../../src/protocol/http1/response-reader.ts";

const NOTHING = { onBody: () => {}, onComplete: () => {}, onNoMore: () => {}, onCut: () => {} };

/** Lines without the blank one. A Host is added when there is none. */
export function requestHead(line = "GET / HTTP/1.1", ...fields: readonly string[]): RequestHead {
  const hasHost = fields.some((field) => field.toLowerCase().startsWith("host:"));
  let head: RequestHead | undefined;
  const reader = new RequestReader({ ...NOTHING, onHead: (read) => (head = read), onRefused: (error) => fail(error) });
  reader.receive(bytesOf([line, ...(hasHost ? [] : ["Host: app.test"]), ...fields]));
  return head ?? fail(new Error("no head"));
}

export function responseHead(line = "HTTP/1.1 200 OK", ...fields: readonly string[]): ResponseHead {
  let head: ResponseHead | undefined;
  const reader = new ResponseReader({ ...NOTHING, onHead: (read) => (head = read), onRefused: (error) => fail(error) });
  reader.next("GET");
  reader.receive(bytesOf([line, ...fields]));
  return head ?? fail(new Error("no head"));
}

/** Lines of a head as bytes. */
export function linesOf(head: Uint8Array): readonly string[] {
  return Buffer.from(head).toString("latin1").trimEnd().split("\r\n");
}

function bytesOf(lines: readonly string[]): Uint8Array {
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

function fail(error: Error): never {
  throw error;
}
