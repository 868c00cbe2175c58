import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { hasHidden, visiblePieces, visibleText } from "../../../src/web-ui/text/visible-text.ts";
import { anyCharacter } from "../../support/any-character.ts";

describe("visibleText", () => {
  test.each([
    ["plain text, ünïcödé, 日本語, עברית", "plain text, ünïcödé, 日本語, עברית"],
    ["tab\tand\nline", "tab\tand\nline"],
    ["\u001b[31mred\u0007", "\\x1b[31mred\\x07"],
    ["\u0000\u007f\u0085\r", "\\x00\\x7f\\x85\\x0d"],
    ["user\u202egnp.exe", "user\\u202egnp.exe"],
    ["a\u200bb\u2066c\u2069\ufeff\u00ad", "a\\u200bb\\u2066c\\u2069\\ufeff\\xad"],
    ["a\u2028b\u2029", "a\\u2028b\\u2029"],
    ["\ud800x", "\\ud800x"],
    ["x\u{e0041}y", "x\\u{e0041}y"],
    ["\u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u2764\ufe0f", "\u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u2764\ufe0f"],
    ["a\u200db", "a\\u200db"],
  ])("visibleText of %j is %j", (text, shown) => {
    expect(visibleText(text)).toBe(shown);
    expect(hasHidden(text)).toBe(text !== shown);
  });

  test("visiblePieces keeps marks apart from the text that looks like them", () => {
    expect(visiblePieces("\\x1b\u001b.")).toEqual([
      { kind: "plain", text: "\\x1b" },
      { kind: "mark", text: "\\x1b" },
      { kind: "plain", text: "." },
    ]);
    expect(visiblePieces("")).toEqual([]);
  });

  test("visiblePieces joined are visibleText, and marks are visible ASCII", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        const pieces = visiblePieces(text);
        expect(pieces.map((piece) => piece.text).join("")).toBe(visibleText(text));
        expect(pieces.every((piece) => piece.kind === "plain" || /^\\[xu][0-9a-f{}]+$/.test(piece.text))).toBe(true);
        expect(hasHidden(visibleText(text))).toBe(false);
      }),
      { numRuns: process.env["DEEP"] === "1" ? 50_000 : 500 },
    );
  });
});
