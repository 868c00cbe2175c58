import { expect, test } from "bun:test";
import { excerpt, placeOf, syntaxFault } from "../../../../src/agent/inspector/body/syntax-fault.ts";

test.each([
  ["", 0, 1, 1],
  ["abc", 2, 1, 3],
  ["a\nb", 2, 2, 1],
  ["a\r\nb", 3, 2, 1],
  ["a\rb\rc", 4, 3, 1],
  ["\n\n", 2, 3, 1],
  ["a\u{1f600}b", 3, 1, 3],
])("placeOf %p at %d is line %d, column %d", (text, offset, line, column) => {
  expect(placeOf(text, offset)).toEqual({ line, column });
});

test("syntaxFault lies inside the text", () => {
  expect(syntaxFault("abc", 99, 5, "x")).toEqual({ offset: 3, length: 0, line: 1, column: 4, reason: "x" });
  expect(syntaxFault("abc", -1, 0, "x")).toEqual({ offset: 0, length: 1, line: 1, column: 1, reason: "x" });
  expect(syntaxFault("a".repeat(1000), 10, 900, "x").length).toBe(200);
});

test("excerpt cuts long texts, but never a character", () => {
  expect(excerpt("short")).toBe("short");
  expect(excerpt("a".repeat(25))).toBe(`${"a".repeat(24)}…`);
  expect(excerpt(`${"a".repeat(23)}\u{1f600}b`)).toBe(`${"a".repeat(23)}…`);
});
