import { describe, expect, test } from "bun:test";
import type { FieldLines } from "../../../src/protocol/http1/field-lines.ts";
import { http2Fields, passableTrailers } from "../../../src/protocol/http2/field-pairs.ts";

describe("http2Fields", () => {
  test.each<[string, FieldLines, object]>([
    ["names in lower case", [["X-A", "1"]], { "x-a": "1" }],
    [
      "nothing of the connection",
      [
        ["Connection", "close, X-Hop"],
        ["X-Hop", "1"],
        ["Keep-Alive", "5"],
        ["X", "2"],
      ],
      { x: "2" },
    ],
    [
      "no framing of HTTP/1.1",
      [
        ["Transfer-Encoding", "chunked"],
        ["Upgrade", "h2c"],
        ["Proxy-Connection", "x"],
      ],
      {},
    ],
    [
      "lines of one name as one",
      [
        ["A", "1"],
        ["b", "2"],
        ["a", "3"],
      ],
      { a: "1, 3", b: "2" },
    ],
    [
      "every cookie that is set",
      [
        ["Set-Cookie", "a=1"],
        ["set-cookie", "b=2"],
      ],
      { "set-cookie": ["a=1", "b=2"] },
    ],
    [
      "one cookie",
      [
        ["Cookie", "a=1"],
        ["Cookie", "b=2"],
      ],
      { cookie: "a=1; b=2" },
    ],
    [
      "of TE the trailers",
      [
        ["TE", "gzip, trailers;q=1, Trailers"],
        ["Connection", "TE"],
      ],
      { te: "trailers" },
    ],
    ["no other TE", [["TE", "gzip"]], {}],
  ])("gives %s", (_, lines, fields) => {
    expect({ ...http2Fields(lines) }).toEqual({ ...fields });
  });

  test("takes names that every object has for names", () => {
    const fields = http2Fields([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
    expect(Object.entries(fields)).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });
});

test("passableTrailers leaves out what frames, routes or breaks rules", () => {
  const trailers: FieldLines = [
    ["Grpc-Status", "0"],
    ["content-length", "3"],
    ["host", "x"],
    ["transfer-encoding", "chunked"],
    ["connection", "x"],
    ["x y", "z"],
    ["x", "a\r\nb"],
    [":status", "200"],
    ["grpc-message", ""],
  ];
  expect(passableTrailers(trailers)).toEqual([
    ["grpc-status", "0"],
    ["grpc-message", ""],
  ]);
});
