import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fieldText, latin1, latin1Bytes, readRawMessage } from "../../../../src/agent/inspector/body/raw-message.ts";

describe("readRawMessage", () => {
  test.each<[name: string, raw: string, startLine: string, fields: [string, string][], body: string]>([
    ["nothing", "", "", [], ""],
    ["a request", "GET / HTTP/1.1\r\nHost: x\r\n\r\nbody", "GET / HTTP/1.1", [["Host", "x"]], "body"],
    [
      "bare line feeds",
      "GET / HTTP/1.1\nA: 1\nA:2\n\nb",
      "GET / HTTP/1.1",
      [
        ["A", "1"],
        ["A", "2"],
      ],
      "b",
    ],
    ["a folded line", "X\r\nA: 1\r\n  2\r\n\r\n", "X", [["A", "1 2"]], ""],
    ["a line without a colon", "X\r\nrubbish\r\n\r\n", "X", [["rubbish", ""]], ""],
    ["a value with colons", "X\r\nA: b: c \r\n\r\n", "X", [["A", "b: c"]], ""],
    [
      "a head that does not end",
      "X\r\nA: 1\r\nB: 2",
      "X",
      [
        ["A", "1"],
        ["B", "2"],
      ],
      "",
    ],
    ["octets", "X\r\nA: \xe9\r\n\r\n\xff", "X", [["A", "\xe9"]], "\xff"],
  ])("readRawMessage reads %s", (_, raw, startLine, fields, body) => {
    const bytes = latin1Bytes(raw);
    const message = readRawMessage(bytes);
    expect(message).toMatchObject({ startLine, fields });
    expect(latin1(bytes.subarray(message.bodyStart))).toBe(body);
  });

  test("readRawMessage reads a million bytes of anything", () => {
    for (const raw of ["a: b\r\n".repeat(160_000), "x".repeat(1_000_000), "\r".repeat(1_000_000)]) {
      expect(readRawMessage(latin1Bytes(raw)).bodyStart).toBe(raw.length);
    }
  });
});

test("latin1 and latin1Bytes undo each other", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(latin1Bytes(latin1(bytes))).toEqual(bytes);
    }),
  );
  expect(latin1(new Uint8Array(1_000_000).fill(0xe9))).toHaveLength(1_000_000);
});

test.each([
  ["plain", "plain"],
  ["caf\xc3\xa9", "café"],
  ["caf\xe9", "café"],
])("fieldText of %j is %j", (value, text) => {
  expect(fieldText(value)).toBe(text);
});
