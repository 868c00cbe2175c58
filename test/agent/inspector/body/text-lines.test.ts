import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ROW_LENGTH, TextLines, type TextRow } from "../../../../src/agent/inspector/body/text-lines.ts";

function rowsOf(text: string): TextRow[] {
  const lines = new TextLines(text);
  return Array.from({ length: lines.count }, (_, i) => lines.row(i));
}

describe("TextLines", () => {
  test.each([
    ["", [""]],
    ["a", ["a"]],
    ["a\n", ["a", ""]],
    ["a\r\nb\rc\nd", ["a", "b", "c", "d"]],
    ["\r\r\n\n", ["", "", "", ""]],
  ])("TextLines cuts %j into lines", (text, lines) => {
    expect(rowsOf(text).map((row) => row.text)).toEqual(lines);
    expect(rowsOf(text).map((row) => row.line)).toEqual(lines.map((_, i) => i + 1));
  });

  test("TextLines cuts a line of a million characters into rows", () => {
    const rows = rowsOf(`x\n${"y".repeat(1_000_000)}\nz`);
    expect(rows).toHaveLength(2 + 1_000_000 / ROW_LENGTH);
    expect(rows[2]).toEqual({
      text: "y".repeat(ROW_LENGTH),
      offset: 2 + ROW_LENGTH,
      line: 2,
      isContinuation: true,
      lineBreak: "",
    });
    expect(rows.at(-1)).toMatchObject({ text: "z", line: 3, isContinuation: false });
  });

  test("TextLines cuts no pair and no line break", () => {
    const pairs = rowsOf("\u{1f600}".repeat(500)).map((row) => row.text);
    expect(pairs.every((row) => row.isWellFormed())).toBe(true);
    expect(rowsOf(`a${"\u{1f600}".repeat(500)}`).every((row) => row.text.isWellFormed())).toBe(true);
    expect(rowsOf(`${"a".repeat(ROW_LENGTH)}\r\nb`).map((row) => row.lineBreak)).toEqual(["\r\n", ""]);
  });

  test("TextLines bounds rows of broken pairs too", () => {
    expect(rowsOf("\udc00".repeat(2000)).every((row) => row.text.length <= ROW_LENGTH)).toBe(true);
  });

  test("TextLines rebuilds any text, and finds each place in it", () => {
    const unit = fc.constantFrom("a", "\r", "\n", "\r\n", "\u{1f600}", "b".repeat(ROW_LENGTH - 1), "c".repeat(900));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), fc.nat(3000), (text, at) => {
        const rows = rowsOf(text);
        expect(rows.map((row) => row.text + row.lineBreak).join("")).toBe(text);
        expect(rows.every((row) => row.text.length <= ROW_LENGTH + 1 && !/[\r\n]/.test(row.text))).toBe(true);
        const offset = Math.min(at, text.length);
        const found = new TextLines(text).rowOf(offset);
        expect(rows[found]?.offset).toBeLessThanOrEqual(offset);
        expect(rows[found + 1]?.offset ?? Infinity).toBeGreaterThan(offset);
      }),
      { numRuns: process.env["DEEP"] === "1" ? 20_000 : 500 },
    );
  });
});
