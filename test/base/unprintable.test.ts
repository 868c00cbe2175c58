import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { escapeUnprintable, escapeUnprintableJson, holdsUnprintable } from "../../src/base/unprintable.ts";
import { anyCharacter } from "../support/any-character.ts";

/** What shows as nothing, steers a terminal, turns what is read, or ends a line. */
const STEERS = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const CASES: readonly (readonly [string, string, string])[] = [
  ["an escape sequence", "\u001b[31mred", "\\u001b[31mred"],
  ["a title of a window", "\u001b]0;owned\u0007", "\\u001b]0;owned\\u0007"],
  ["its one-byte form", "\u009d0;owned\u009c", "\\u009d0;owned\\u009c"],
  ["backspace, null and delete", "\b\0\u007f", "\\u0008\\u0000\\u007f"],
  ["separators of lines", "\u0085\u2028\u2029", "\\u0085\\u2028\\u2029"],
  ["turned direction", "\u202eexe\u2066\u061c\u200f", "\\u202eexe\\u2066\\u061c\\u200f"],
  ["what is invisible", "\u200b\u00ad\ufeff\u3164\u2060\u180e", "\\u200b\\u00ad\\ufeff\\u3164\\u2060\\u180e"],
  ["blanks that are no space", "\u00a0\u3000", "\\u00a0\\u3000"],
  ["half a character", "\ud800x", "\\ud800x"],
];

describe("escapeUnprintable", () => {
  test.each([
    ...CASES,
    ["what stands in one line", "grüße 日本 🙂", "grüße 日本 🙂"],
    ["ends of lines and tabs", "a\nb\r\tc", "a\\nb\\r\\tc"],
    ["tags and other planes", "\u{e0041}\u{f0000}", "\\u{e0041}\\u{f0000}"],
  ])("escapeUnprintable shows %s", (_, text, shown) => {
    expect(escapeUnprintable(text)).toBe(shown);
  });

  test("escapeUnprintable leaves nothing that steers, whatever comes, and changes what holds some", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        const shown = escapeUnprintable(text);
        expect(shown).not.toMatch(STEERS);
        expect(shown !== text).toBe(holdsUnprintable(text));
      }),
    );
  });
});

describe("escapeUnprintableJson", () => {
  test.each(CASES)("escapeUnprintableJson shows %s", (_, text, shown) => {
    expect(escapeUnprintableJson(JSON.stringify(text).replace("\\b", "\\u0008"))).toBe(`"${shown}"`);
  });

  test("escapeUnprintableJson names both halves of other planes", () => {
    expect(escapeUnprintableJson('"\u{e0041}"')).toBe('"\\udb40\\udc41"');
  });

  test("escapeUnprintableJson means what it was given, and leaves nothing that steers", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: anyCharacter }), (value) => {
        const json = JSON.stringify(value);
        const escaped = escapeUnprintableJson(json);
        expect(escaped).not.toMatch(STEERS);
        expect(JSON.parse(escaped)).toEqual(JSON.parse(json));
      }),
    );
  });
});
