import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { FieldLines } from "../../../src/protocol/http1/field-lines.ts";
import type { ResponseHead } from "../../../src/protocol/http1/response-head.ts";
import { ResponseReader } from "../../../src/protocol/http1/response-reader.ts";
import { MalformedHttp2 } from "../../../src/protocol/http2/field-pairs.ts";
import { http1Response, type ResponseContext } from "../../../src/protocol/http2/response-from-http2.ts";

const RUNS = process.env["DEEP"] === "1" ? 50_000 : 1_000;
const get = (hasBody: boolean): ResponseContext => ({ request: { method: "GET", version: 11 }, hasBody });
const head: ResponseContext = { request: { method: "HEAD", version: 11 }, hasBody: false };
const old: ResponseContext = { request: { method: "GET", version: 10 }, hasBody: true };

describe("http1Response writes", () => {
  test.each<[string, FieldLines, ResponseContext, string]>([
    [
      "a length as it is",
      [
        [":status", "200"],
        ["content-length", "3"],
      ],
      get(true),
      "200 |content-length: 3",
    ],
    [
      "chunks where there is none",
      [
        [":status", "200"],
        ["x", "y"],
      ],
      get(true),
      "200 |x: y|transfer-encoding: chunked",
    ],
    ["the end of the connection for HTTP/1.0", [[":status", "200"]], old, "200 |connection: close"],
    [
      "that nothing follows",
      [
        [":status", "500"],
        ["grpc-status", "5"],
      ],
      get(false),
      "500 |grpc-status: 5|content-length: 0",
    ],
    ["no length for 204", [[":status", "204"]], get(false), "204 "],
    ["no length of its own for HEAD", [[":status", "200"]], head, "200 "],
    [
      "the length that HEAD tells",
      [
        [":status", "200"],
        ["content-length", "7"],
      ],
      head,
      "200 |content-length: 7",
    ],
    [
      "what comes early",
      [
        [":status", "103"],
        ["link", "</a>"],
      ],
      get(true),
      "103 |link: </a>",
    ],
  ])("%s", (_, fields, context, lines) => {
    const made = http1Response(fields, context);
    expect(made instanceof MalformedHttp2 ? made.reason : made.head).toBe(
      `HTTP/1.1 ${lines.replaceAll("|", "\r\n")}\r\n\r\n`,
    );
  });
});

test.each<[string, FieldLines]>([
  ["no status", [["x", "y"]]],
  ["a status that is none", [[":status", "99"]]],
  ["a status with more behind", [[":status", "200 OK"]]],
  [
    "a second pseudo-header",
    [
      [":status", "200"],
      [":status", "200"],
    ],
  ],
  [
    "Transfer-Encoding",
    [
      [":status", "200"],
      ["transfer-encoding", "chunked"],
    ],
  ],
  [
    "a value with a line end",
    [
      [":status", "200"],
      ["x", "a\r\nb"],
    ],
  ],
  [
    "two lengths",
    [
      [":status", "200"],
      ["content-length", "1"],
      ["content-length", "1"],
    ],
  ],
])("http1Response refuses %s", (_, fields) => {
  expect(http1Response(fields, get(true))).toBeInstanceOf(MalformedHttp2);
});

test.each(["100", "103", "204"])("http1Response leaves out the length that a response of %s claims", (status) => {
  const made = http1Response(
    [
      [":status", status],
      ["content-length", "3"],
      ["x", "1"],
    ],
    {
      request: { method: "GET", version: 11 },
      hasBody: false,
    },
  );
  expect(made).toMatchObject({ head: `HTTP/1.1 ${status} \r\nx: 1\r\n\r\n`, coding: "none" });
});

test("http1Response writes what a reader frames as it is meant, or refuses", () => {
  const text = fc.string({ unit: fc.constantFrom(..."ab0:; \t\r\n\0\u00e9".split("")), maxLength: 8 });
  const name = fc.oneof(text, fc.constantFrom("content-length", "transfer-encoding", "connection", "x", ":status"));
  const value = fc.oneof(text, fc.constantFrom("3", "close", "chunked"));
  const status = fc.constantFrom("100", "103", "200", "204", "304", "404", "1000", "2");
  const context = fc.record({
    request: fc.record({ method: fc.constantFrom("GET", "HEAD"), version: fc.constantFrom(10 as const, 11 as const) }),
    hasBody: fc.boolean(),
  });
  fc.assert(
    fc.property(status, fc.array(fc.tuple(name, value), { maxLength: 5 }), context, (code, more, told) => {
      const made = http1Response([[":status", code], ...more], told);
      if (made instanceof MalformedHttp2) return;
      const heads: ResponseHead[] = [];
      const ignore = (): void => {};
      const reader = new ResponseReader({
        onHead: (found) => void heads.push(found),
        onBody: ignore,
        onComplete: ignore,
        onNoMore: ignore,
        onCut: ignore,
        onRefused: (error) => {
          throw error;
        },
      });
      reader.next(told.request.method);
      reader.receive(Buffer.from(made.head, "latin1"));
      expect(heads.map(({ raw, framing }) => [raw.length, framing.type])).toEqual([
        [made.head.length, made.coding === "close" ? "until-close" : made.coding],
      ]);
    }),
    { numRuns: RUNS },
  );
});
