import { describe, expect, test } from "bun:test";
import { repeatedRequest, type ReplayChanges } from "../../src/agent/repeated-request.ts";
import { UsageError } from "../../src/base/errors.ts";
import type { CapturedRequest } from "../../src/capture/exchange.ts";
import { text } from "../support/http-transcript.ts";
import { TapScene, visitor } from "../support/tap-scene.ts";

const GET = "GET /a HTTP/1.1\r\nHost: a.example\r\nX-B: c\r\n\r\n";
const POST = "POST /a HTTP/1.0\r\nHost: a.example\r\nContent-Length: 3\r\nX-B:  c\r\n\r\nabc";
const CHUNKED = "PUT /a HTTP/1.1\r\nHost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n2;x\r\nbc\r\n0\r\n\r\n";
const TRAILED = CHUNKED.replace("0\r\n\r\n", "0\r\nX-Sum: 3\r\n\r\n");

function captured(source: string): CapturedRequest {
  return new TapScene().play([visitor(source)]).exchange.request;
}

describe("repeatedRequest", () => {
  test.each([GET, POST, CHUNKED, TRAILED])("repeatedRequest without changes gives the octets back", (source) => {
    expect(text(repeatedRequest(captured(source)))).toBe(source);
    expect(text(repeatedRequest(captured(source), { method: undefined, body: undefined }))).toBe(source);
  });

  test.each<readonly [name: string, source: string, changes: ReplayChanges, expected: string]>([
    ["a method", GET, { method: "HEAD" }, GET.replace("GET", "HEAD")],
    ["a target", GET, { target: "/b?c" }, GET.replace("/a", "/b?c")],
    [
      "an empty body where one is usual",
      GET,
      { method: "POST" },
      `${GET.replace("GET", "POST").slice(0, -2)}Content-Length: 0\r\n\r\n`,
    ],
    ["a body", GET, { body: Buffer.from("new") }, `${GET.slice(0, -2)}Content-Length: 3\r\n\r\nnew`],
    [
      "a target, and the body stays",
      POST,
      { target: "/b" },
      "POST /b HTTP/1.0\r\nHost: a.example\r\nX-B: c\r\nContent-Length: 3\r\n\r\nabc",
    ],
    [
      "no body any more",
      POST,
      { method: "GET", body: Buffer.from("") },
      "GET /a HTTP/1.0\r\nHost: a.example\r\nX-B: c\r\n\r\n",
    ],
    [
      "fields, of which those that frame are left out",
      POST,
      {
        fields: [
          ["Host", "b"],
          ["x-new", "caf\xe9"],
          ["content-length", "99"],
          ["Transfer-Encoding", "gzip"],
        ],
      },
      "POST /a HTTP/1.0\r\nHost: b\r\nx-new: caf\xe9\r\nContent-Length: 3\r\n\r\nabc",
    ],
    [
      "a target of a chunked request",
      CHUNKED,
      { target: "/b" },
      "PUT /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    ],
    [
      "a body in front of trailers",
      TRAILED,
      { body: Buffer.from("0123456789abcdef") },
      "PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n0\r\nX-Sum: 3\r\n\r\n",
    ],
    [
      "trailers",
      GET,
      { trailers: [["X-T", "1"]] },
      `${GET.slice(0, -2)}Transfer-Encoding: chunked\r\n\r\n0\r\nX-T: 1\r\n\r\n`,
    ],
    ["no trailers any more", TRAILED, { trailers: [] }, "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"],
  ])("repeatedRequest changes %s", (_name, source, changes, expected) => {
    expect(text(repeatedRequest(captured(source), changes))).toBe(expected);
  });

  test.each<readonly [name: string, changes: ReplayChanges]>([
    ["a method with a space", { method: "GET /" }],
    ["no method", { method: "" }],
    ["a target with a space", { target: "/a b" }],
    ["a target with a line end", { target: "/a\r\nX: y" }],
    ["a target that is not in octets", { target: "/\u2713" }],
    ["no target", { target: "" }],
    ["a field with a line end", { fields: [["X", "a\r\nY: b"]] }],
    ["a field without a name", { fields: [["", "a"]] }],
    ["a trailer that is no field", { trailers: [["X Y", "a"]] }],
    ["a target that is no path", { target: "a" }],
    ["a target with a fragment", { target: "/a#b" }],
    ["a path as the target of CONNECT", { method: "CONNECT" }],
    ["fields without a Host", { fields: [["X", "a"]] }],
    [
      "two Hosts",
      {
        fields: [
          ["Host", "a"],
          ["host", "a"],
        ],
      },
    ],
  ])("repeatedRequest refuses %s", (_name, changes) => {
    expect(() => repeatedRequest(captured(GET), changes)).toThrow(UsageError);
  });

  test("repeatedRequest refuses trailers where there is no chunked coding, and says why", () => {
    expect(() => repeatedRequest(captured(POST), { trailers: [["X-T", "1"]] })).toThrow(
      "the changed request cannot be sent: ",
    );
  });

  test.each([
    ["one that is arriving", POST.slice(0, -1)],
    ["one that is no HTTP", "no\0HTTP"],
  ])("repeatedRequest refuses %s", (_name, source) => {
    expect(() => repeatedRequest(captured(source))).toThrow("not here as a whole");
  });
});
