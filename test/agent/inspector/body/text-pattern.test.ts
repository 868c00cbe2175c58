import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { textPattern } from "../../../../src/agent/inspector/body/text-pattern.ts";

test.each<[pattern: string, text: string, fits: boolean]>([
  ["", "anything", true],
  ["BC", "abcd", true],
  ["bd", "abcd", false],
  ["*", "", true],
  ["a*", "abc", true],
  ["b*", "abc", false],
  ["*c", "abc", true],
  ["a*a", "a", false],
  ["a*a", "aa", true],
  ["a*b*c", "aXbYc", true],
  ["a*b*c", "acb", false],
  ["*ab*ab*", "ab", false],
  ["a**b", "ab", true],
])("textPattern %j on %j: %p", (pattern, text, fits) => {
  expect(textPattern(pattern, false)(text)).toBe(fits);
});

test("textPattern wants the whole text, to the letter, when exact", () => {
  expect(["a*", "A*", "abc"].map(textPattern("a*", true))).toEqual([true, false, false]);
});

test("textPattern agrees with a regular expression", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 6 });
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
  fc.assert(
    fc.property(letters, text, (pattern, text) => {
      const slow = pattern.includes("*") ? `^${pattern.replaceAll("*", ".*")}$` : pattern;
      expect(textPattern(pattern, false)(text)).toBe(new RegExp(slow).test(text));
    }),
    { numRuns: process.env["DEEP"] === "1" ? 100_000 : 2000 },
  );
});
