/** Patterns and the texts they are tried on, both from strangers: the work and what comes out of it have an end. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { MAX_GROWTH_CHARACTERS, Pattern, PatternBudgetError, PatternFault } from "../../src/policy/pattern/pattern.ts";
import { FUZZ_TIMEOUT_MS, mutantTexts, runs } from "./mutants.ts";
import { anyCharacter } from "../support/any-character.ts";

const SEEDS: readonly string[] = [
  "^/a(b+)/[^x]*$",
  "(?i)^(?:chrome|curl)/\\d+\\.\\d{1,3}\\b",
  "[\\w.-]+@[^\\s\\]]{2,40}",
  "(a|b)*?c+?|(?s).{0,9}",
  "\\x41\\.\\{\\n\\t\\$",
];
const WORDS: readonly string[] = [
  ...Array.from("()[]{}*+?|^$.\\-,:!=<>"),
  "(?i)",
  "(?s)",
  "(?:",
  "(?P<n>",
  "(?=",
  "(?<!",
  "{1000}",
  "{0,}",
  "{,5}",
  "{99999999999}",
  "\\p{L}",
  "\\1",
  "\\Q",
  "\\b",
  "[[:alpha:]]",
  "[^",
  "\u0000",
  "\ud800",
  "((((((((((((((((((((",
];

/** Undefined for a pattern that is refused. */
function compiled(source: string): Pattern | undefined {
  try {
    return new Pattern(source);
  } catch (error) {
    if (error instanceof PatternFault) return undefined;
    throw error;
  }
}

describe("Pattern", () => {
  test(
    "is refused, or answers, or gives up, whatever pattern and text are",
    () => {
      const text = fc.oneof(
        fc.string({ unit: anyCharacter, maxLength: 60 }),
        fc
          .tuple(fc.constantFrom("a", "ab", "/x.", "b@c", "\n"), fc.nat(400))
          .map(([piece, times]) => piece.repeat(times)),
      );
      const replacement = fc.oneof(
        fc.string({ maxLength: 20 }),
        fc.tuple(fc.constantFrom("$0", "$1$$", "$9x", "x"), fc.nat(8_000)).map(([piece, times]) => piece.repeat(times)),
      );
      fc.assert(
        fc.property(mutantTexts(SEEDS, WORDS), text, replacement, (source, subject, put) => {
          const pattern = compiled(source);
          if (pattern === undefined) return;
          try {
            pattern.test(subject);
            const { length } = pattern.replaceAll(subject, put);
            expect(length).toBeLessThanOrEqual(subject.length * 2 + MAX_GROWTH_CHARACTERS);
          } catch (error) {
            expect(error).toBeInstanceOf(PatternBudgetError);
          }
        }),
        runs(300),
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  test.each([
    ["a group that is put in again and again", "(?s).*", "x".repeat(100_000), "$0".repeat(8_000)],
    ["a long replacement of every character", ".", "x".repeat(100_000), "y".repeat(16_000)],
    ["a long replacement of nothing", "", "x".repeat(100_000), "y".repeat(16_000)],
    ["groups of groups", "((((.*))))", "x".repeat(50_000), "$0$1$2$3$4".repeat(1_600)],
  ])("gives up on %s before it is there", (_, source, text, replacement) => {
    expect(() => new Pattern(source).replaceAll(text, replacement)).toThrow(PatternBudgetError);
  });

  test("replaces as long as it is within bounds", () => {
    const text = "x".repeat(1_000);
    expect(new Pattern("x").replaceAll(text, "<$0$0>")).toBe("<xx>".repeat(1_000));
    expect(new Pattern("(?s).*").replaceAll(text, "$0".repeat(60))).toBe(text.repeat(60));
  });
});
