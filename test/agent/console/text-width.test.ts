import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { printableText } from "../../../src/agent/console/printable-text.ts";
import { fitted, padded, widthOf, wrapped } from "../../../src/agent/console/text-width.ts";

const RUNS = { numRuns: process.env["DEEP"] === "1" ? 20_000 : 300 };
const anyPrintable = fc.string({ unit: "grapheme" }).map((text) => printableText(text, text.length));

describe("fitted", () => {
  test.each([
    ["what fits", "abc", 3, "abc"],
    ["what does not", "abcd", 3, "ab…"],
    ["a wide character that would be cut", "日本語", 4, "日…"],
    ["a wide character that just fits", "日本語", 5, "日本…"],
    ["marks with their letter", "e\u0301e\u0301e\u0301", 2, "e\u0301…"],
    ["one column", "ab", 1, "…"],
    ["no column", "a", 0, ""],
  ])("fitted answers for %s", (_, text, columns, shown) => {
    expect(fitted(text, columns)).toBe(shown);
  });
});

describe("padded", () => {
  test("padded is exactly as wide as asked for", () => {
    fc.assert(
      fc.property(anyPrintable, fc.nat(40), (text, columns) => {
        expect(widthOf(padded(text, columns))).toBe(columns);
      }),
      RUNS,
    );
  });
});

describe("wrapped", () => {
  test.each<[string, string, number, number, readonly string[]]>([
    ["a short text", "a b", 10, 3, ["a b"]],
    ["nothing", "", 10, 3, [""]],
    ["words", "one two three", 8, 3, ["one two", "three"]],
    ["words that end with the line", "one two three", 7, 3, ["one two", "three"]],
    ["a word that is too long", "abcdefgh", 3, 5, ["abc", "def", "gh"]],
    ["more than the lines hold", "one two three", 5, 2, ["one", "two …"]],
    ["wide characters", "日本語", 3, 3, ["日", "本", "語"]],
    ["a terminal too narrow for a character", "日本語", 1, 3, ["…"]],
  ])("wrapped breaks %s", (_, text, columns, limit, lines) => {
    expect(wrapped(text, columns, limit)).toEqual(lines);
  });

  test("wrapped loses nothing but spaces where there are lines enough", () => {
    fc.assert(
      fc.property(anyPrintable, fc.integer({ min: 4, max: 40 }), (text, columns) => {
        const lines = wrapped(text, columns, 1_000);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
      RUNS,
    );
  });
});
