import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { printableText } from "../../../src/agent/console/printable-text.ts";
import { anyCharacter } from "../../support/any-character.ts";

describe("printableText", () => {
  test.each([
    ["ordinary text", "/path?q=ä日本€", "/path?q=ä日本€"],
    ["an escape sequence", "\u001b[2J", "\\u001b[2J"],
    ["its one-byte form", "\u009b2J", "\\u009b2J"],
    ["line breaks and tabs", "a\r\n\tb", "a\\r\\n\\tb"],
    ["backspace, bell, null and delete", "\b\u0007\0\u007f", "\\u0008\\u0007\\u0000\\u007f"],
    ["separators of lines", "\u2028\u2029", "\\u2028\\u2029"],
    ["turned direction", "\u202eexe.txt\u2066\u061c", "\\u202eexe.txt\\u2066\\u061c"],
    ["what is invisible", "a\u200b\u00ad\ufeff\u3164b", "a\\u200b\\u00ad\\ufeff\\u3164b"],
    ["tags and other planes", "\u{e0041}\u{f0000}", "\\u{e0041}\\u{f0000}"],
    ["blanks that are no space", "a\u00a0\u3000b", "a\\u00a0\\u3000b"],
    ["half a character", "\ud800x", "\\ud800x"],
    ["marks upon marks", `a${"\u0301".repeat(9)}`, `a${"\u0301".repeat(4)}`],
  ])("printableText shows %s", (_, text, shown) => {
    expect(printableText(text, 100)).toBe(shown);
  });

  test("printableText looks at the beginning only", () => {
    expect(printableText("a".repeat(1_000_000), 3)).toBe("aaa");
  });

  test("printableText answers nothing that could steer a terminal", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        expect(printableText(text, 1_000)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
