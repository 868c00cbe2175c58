import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { FieldLines } from "../../../src/protocol/http1/field-lines.ts";
import type { RequestHead } from "../../../src/protocol/http1/request-head.ts";
import { RequestReader } from "../../../src/protocol/http1/request-reader.ts";
import { MalformedHttp2 } from "../../../src/protocol/http2/field-pairs.ts";
import { http1Request, type Http1Request } from "../../../src/protocol/http2/request-from-http2.ts";

const RUNS = process.env["DEEP"] === "1" ? 50_000 : 1_000;
const webSocketKey = (): string => "AAAAAAAAAAAAAAAAAAAAAA==";
const GET: FieldLines = [
  [":method", "GET"],
  [":scheme", "https"],
  [":authority", "app.test"],
  [":path", "/a?b"],
];

function translated(fields: FieldLines, hasBody = false): Http1Request | MalformedHttp2 {
  return http1Request(fields, { scheme: "https", hasBody, webSocketKey });
}

/** The fields of a request with these in place of, or behind, the usual ones. */
function request(...more: FieldLines): FieldLines {
  const names = new Set(more.map(([name]) => name).filter((name) => name.startsWith(":")));
  const pseudo = [...GET.filter(([name]) => !names.has(name)), ...more.filter(([name]) => name.startsWith(":"))];
  return [...pseudo, ...more.filter(([name]) => !name.startsWith(":"))];
}

interface Read {
  readonly heads: RequestHead[];
  faults: number;
}

/** What a reader of HTTP/1.1 finds. */
function readBack(head: string): Read {
  const read: Read = { heads: [], faults: 0 };
  const reader = new RequestReader({
    onHead: (found) => void read.heads.push(found),
    onBody: () => {},
    onComplete: () => {},
    onNoMore: () => {},
    onCut: () => {},
    onRefused: () => void (read.faults += 1),
  });
  reader.receive(Buffer.from(head, "latin1"));
  return read;
}

describe("http1Request writes", () => {
  test.each<[string, FieldLines, boolean, string[]]>([
    [
      "the authority as Host",
      request(["accept", "*/*"]),
      false,
      ["GET /a?b HTTP/1.1", "host: app.test", "accept: */*"],
    ],
    ["one Host where both stand", request(["host", "app.test:443"]), false, ["GET /a?b HTTP/1.1", "host: app.test"]],
    [
      "a body without a length in chunks",
      request([":method", "POST"]),
      true,
      ["POST /a?b HTTP/1.1", "host: app.test", "transfer-encoding: chunked"],
    ],
    [
      "a body with a length as it is",
      request([":method", "PUT"], ["content-length", "3"]),
      true,
      ["PUT /a?b HTTP/1.1", "host: app.test", "content-length: 3"],
    ],
    [
      "the crumbs of a cookie as one line",
      request(["cookie", "a=b"], ["x", "y"], ["cookie", "c=d"]),
      false,
      ["GET /a?b HTTP/1.1", "host: app.test", "x: y", "cookie: a=b; c=d"],
    ],
    [
      "TE as an option of the connection",
      request(["te", "trailers"]),
      false,
      ["GET /a?b HTTP/1.1", "host: app.test", "te: trailers", "connection: te"],
    ],
    [
      "fields of one name in their order",
      request(["x", "1"], ["y", ""], ["x", "2"]),
      false,
      ["GET /a?b HTTP/1.1", "host: app.test", "x: 1", "y: ", "x: 2"],
    ],
    [
      "the asterisk of OPTIONS",
      request([":method", "OPTIONS"], [":path", "*"]),
      false,
      ["OPTIONS * HTTP/1.1", "host: app.test"],
    ],
    [
      "CONNECT with its authority",
      [
        [":method", "CONNECT"],
        [":authority", "app.test:22"],
      ],
      true,
      ["CONNECT app.test:22 HTTP/1.1", "host: app.test:22"],
    ],
    [
      "a WebSocket as an upgrade",
      request([":method", "CONNECT"], [":protocol", "websocket"], ["sec-websocket-version", "13"]),
      true,
      [
        "GET /a?b HTTP/1.1",
        "host: app.test",
        "sec-websocket-version: 13",
        "connection: upgrade",
        "upgrade: websocket",
        `sec-websocket-key: ${webSocketKey()}`,
      ],
    ],
  ])("%s", (_, fields, hasBody, lines) => {
    const made = translated(fields, hasBody);
    expect(made instanceof MalformedHttp2 ? made.reason : made.head).toBe(`${lines.join("\r\n")}\r\n\r\n`);
  });
});

describe("http1Request refuses", () => {
  test.each<[string, FieldLines, boolean?]>([
    ["no method", GET.filter(([name]) => name !== ":method")],
    ["a method that is no token", request([":method", "GE T"])],
    ["no path", GET.filter(([name]) => name !== ":path")],
    ["a path that is a URL", request([":path", "https://other.test/"])],
    ["a path with a space", request([":path", "/ HTTP/1.1"])],
    ["a path with a line end", request([":path", "/\r\nx: y"])],
    ["a fragment", request([":path", "/#x"])],
    ["an asterisk for GET", request([":path", "*"])],
    ["the scheme of another connection", request([":scheme", "http"])],
    ["no authority", GET.filter(([name]) => name !== ":authority")],
    ["an authority with a user", request([":authority", "me@app.test"])],
    ["another Host", request(["host", "other.test"])],
    ["two Hosts", request(["host", "app.test"], ["host", "app.test"])],
    ["a pseudo-header twice", [...GET, [":path", "/b"]]],
    ["an unknown pseudo-header", [...GET, [":x", "y"]]],
    ["a pseudo-header behind a field", [["x", "y"], ...GET]],
    ["capital letters", request(["X-A", "y"])],
    ["a name with a space", request(["x y", "z"])],
    ["a value with a line end", request(["x", "a\r\nb: c"])],
    ["a value with NUL", request(["x", "a\0b"])],
    ["white space around a value", request(["x", " a"])],
    ["Connection", request(["connection", "close"])],
    ["Transfer-Encoding", request(["transfer-encoding", "chunked"])],
    ["Upgrade", request(["upgrade", "h2c"])],
    ["Keep-Alive", request(["keep-alive", "1"])],
    ["Proxy-Connection", request(["proxy-connection", "x"])],
    ["TE with more than trailers", request(["te", "gzip"])],
    ["a length of a body that does not come", request(["content-length", "3"])],
    ["two lengths", request(["content-length", "3"], ["content-length", "3"]), true],
    ["a length that is none", request(["content-length", "+3"]), true],
    ["a length beyond all numbers", request(["content-length", "99999999999999999999"]), true],
    ["another protocol for CONNECT", request([":method", "CONNECT"], [":protocol", "webtransport"]), true],
    ["a protocol without CONNECT", request([":protocol", "websocket"])],
    ["CONNECT with a path", request([":method", "CONNECT"])],
  ])("%s", (_, fields, hasBody = false) => {
    expect(translated(fields, hasBody)).toBeInstanceOf(MalformedHttp2);
  });
});

test("http1Request writes what every reader takes for one request to that host, or refuses", () => {
  const text = fc.string({ unit: fc.constantFrom(..."abz019-/:;, \t\r\n\0\u00e9%?#*@.".split("")), maxLength: 12 });
  const name = fc.oneof(
    fc.constantFrom(":method", ":scheme", ":authority", ":path", ":protocol"),
    fc.constantFrom("host", "te", "cookie", "content-length", "transfer-encoding", "connection", "x-a", "expect"),
    text,
  );
  const value = fc.oneof(
    text,
    fc.constantFrom("GET", "CONNECT", "https", "app.test", "/x", "trailers", "3", "chunked"),
  );
  const fields = fc.oneof(
    fc.array(fc.tuple(name, value), { maxLength: 8 }),
    fc.array(fc.tuple(name, value), { maxLength: 4 }).map((more) => GET.concat(more)),
  );
  fc.assert(
    fc.property(fields, fc.boolean(), (all, hasBody) => {
      const made = translated(all, hasBody);
      if (made instanceof MalformedHttp2) return;
      const { heads, faults } = readBack(made.head);
      // A target that no reader takes is refused there; nothing is ever taken for two requests.
      expect(heads.length + faults).toBe(1);
      const [head] = heads;
      if (head === undefined) return;
      expect([head.method, head.framing.type]).toEqual([made.method, made.coding]);
      expect(head.get("host")).toBe(made.authority);
      expect(head.raw.length).toBe(made.head.length);
    }),
    { numRuns: RUNS },
  );
});
