import { describe, expect, test } from "bun:test";
import { compressionChoice, editForCompression } from "../../src/policy/compression.ts";
import { HeadEdits } from "../../src/protocol/http1/head-edits.ts";
import { linesOf, requestHead, responseHead } from "../support/http-heads.ts";

const GZIP = "Accept-Encoding: gzip";
const TEXT = ["Content-Type: text/plain", "Content-Length: 5"];

describe("compressionChoice", () => {
  test.each([
    ["gzip", "gzip"],
    ["br, GZIP;q=0.5", "gzip"],
    ["*", "gzip"],
    ["gzip;q=0", "vary"],
    ["gzip; q=0.000, *", "vary"],
    ["*;q=0", "vary"],
    ["br, deflate", "vary"],
    ["identity", "vary"],
    ["", "vary"],
  ] as const)("compressionChoice for Accept-Encoding %p is %s", (value, choice) => {
    const request = requestHead("GET / HTTP/1.1", `Accept-Encoding: ${value}`);
    expect(compressionChoice(request, responseHead("HTTP/1.1 200 OK", ...TEXT))).toBe(choice);
  });

  test.each([
    ["HEAD / HTTP/1.1", "vary"],
    ["GET / HTTP/1.0", "vary"],
    ["POST / HTTP/1.1", "gzip"],
  ] as const)("compressionChoice for %p is %s", (line, choice) => {
    const request = requestHead(line, GZIP);
    expect(compressionChoice(request, responseHead("HTTP/1.1 200 OK", ...TEXT))).toBe(choice);
  });

  test.each([
    ["text with parameters", "HTTP/1.1 200 OK", ["Content-Type: TEXT/html; charset=utf-8"], "gzip"],
    ["events", "HTTP/1.1 200 OK", ["Content-Type: text/event-stream"], "gzip"],
    ["JSON of some kind", "HTTP/1.1 404 No", ["Content-Type: application/problem+json"], "gzip"],
    ["a drawing", "HTTP/1.1 200 OK", ["Content-Type: image/svg+xml"], "gzip"],
    ["an encoded body", "HTTP/1.1 200 OK", ["Content-Type: text/plain", "Content-Encoding: br"], "none"],
    ["a range", "HTTP/1.1 206 Partial", ["Content-Type: text/plain"], "none"],
    ["no content", "HTTP/1.1 204 No", ["Content-Type: text/plain"], "none"],
    ["not modified", "HTTP/1.1 304 Not", ["Content-Type: text/plain"], "none"],
    ["no-transform", "HTTP/1.1 200 OK", ["Content-Type: text/plain", "Cache-Control: public, No-Transform"], "none"],
    ["a picture", "HTTP/1.1 200 OK", ["Content-Type: image/png"], "none"],
    ["no type", "HTTP/1.1 200 OK", [], "none"],
    ["fields behind the body", "HTTP/1.1 200 OK", ["Content-Type: text/plain", "Trailer: x"], "none"],
    ["HTTP/1.0", "HTTP/1.0 200 OK", ["Content-Type: text/plain"], "none"],
  ] as const)("compressionChoice for %s", (_, line, fields, choice) => {
    expect(compressionChoice(requestHead("GET / HTTP/1.1", GZIP), responseHead(line, ...fields))).toBe(choice);
  });
});

test("editForCompression tells of the coding, and weakens the validator", () => {
  const head = responseHead("HTTP/1.1 200 OK", ...TEXT, 'ETag: "a"', "Vary: Origin", "Accept-Ranges: bytes");
  const edits = new HeadEdits();
  editForCompression("gzip", head, edits);
  expect(linesOf(edits.applyTo(head))).toEqual([
    "HTTP/1.1 200 OK",
    "Content-Type: text/plain",
    'ETag: W/"a"',
    "Vary: Origin, Accept-Encoding",
    "Transfer-Encoding: chunked",
    "Content-Encoding: gzip",
  ]);
});

test.each(["Vary: *", "Vary: x, accept-ENCODING"])("editForCompression leaves %p", (vary) => {
  const head = responseHead("HTTP/1.1 200 OK", "Content-Length: 0", vary);
  const edits = new HeadEdits();
  editForCompression("vary", head, edits);
  expect(linesOf(edits.applyTo(head))).toEqual(["HTTP/1.1 200 OK", "Content-Length: 0", vary]);
});
