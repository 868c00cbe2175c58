import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, property, string } from "fast-check";
import { Pattern, PatternBudgetError, PatternFault } from "../../../src/policy/pattern/pattern.ts";

const RUNS = process.env["DEEP"] === "1" ? 50_000 : 500;

describe("Pattern", () => {
  test.each([
    ["curl", "curl/8.0", true],
    ["^curl", "a curl", false],
    ["curl$", "a curl", true],
    ["(?i)CHROME", "Mozilla Chrome/1", true],
    ["(?i)[^a-z]", "ABC", false],
    ["a{2,3}b", "ab", false],
    ["a{2,3}b", "aaab", true],
    ["^(?:a|b)+$", "abba", true],
    ["[\\w.-]+@\\d", "x.y-z@7", true],
    ["\\bbot\\b", "a bot!", true],
    ["\\bbot\\b", "robots", false],
    ["[]a]", "]", true],
    ["[^\\s]", " ", false],
    ["x{0}", "", true],
    ["a.c", "a\nc", false],
    ["(?s)a.c", "a\nc", true],
    ["\\x41\\.\\{", "A.{", true],
    ["a{,2}", "a{,2}", true],
    ["", "anything", true],
  ])("Pattern %p on %p answers %p", (source, text, expected) => {
    expect(new Pattern(source).test(text)).toBe(expected);
  });

  test.each([
    ["(a+)+$", "a".repeat(5_000) + "!"],
    ["(a|aa)+$", "a".repeat(5_000) + "!"],
    ["(a*)*b", "a".repeat(5_000)],
  ])("Pattern %p answers about a text that makes others go back for ever", (source, text) => {
    expect(new Pattern(source).test(text)).toBe(false);
  });

  test("Pattern gives up on a text that is too long for it", () => {
    expect(() => new Pattern("(x{0,200}y?){2}z").test("x".repeat(100_000))).toThrow(PatternBudgetError);
    expect(() => new Pattern("a[^z]*b|a").replaceAll("a".repeat(20_000), "")).toThrow(PatternBudgetError);
  });

  test.each([
    "(",
    ")",
    "a**",
    "+",
    "[a",
    "[z-a]",
    "(?=a)",
    "(?<!a)b",
    "\\1",
    "\\p{L}",
    "a\\",
    "a{2,1}",
    "a{1001}",
    "(a{500}){500}",
    "(".repeat(60) + ")".repeat(60),
    "a".repeat(1025),
    "[[:alpha:]]",
    "\\xZZ",
  ])("Pattern refuses %p", (source) => {
    expect(() => new Pattern(source)).toThrow(PatternFault);
  });

  test.each([
    ["/old/", "/a/old/b/old/", "/new/", "/a/new/b/old/".replace("old", "new")],
    ["^https://([^/]+)/(.*)$", "https://a.test/x?y", "https://b.test/$2?from=$1", "https://b.test/x?y?from=a.test"],
    ["a*?b", "aab-b", "<$0>", "<aab>-<b>"],
    ["x*", "axb", "-", "-a--b-"],
    ["(a)|(b)", "ab", "[$1$2]$$", "[a]$[b]$"],
    ["(a)(b)(c)(d)(e)(f)(g)(h)(i)(j|k)+", "abcdefghikj!", "$9$1$0", "iaabcdefghikj!"],
    ["none", "text", "x", "text"],
  ])("Pattern %p on %p replaced by %p gives %p", (source, text, replacement, expected) => {
    expect(new Pattern(source).replaceAll(text, replacement)).toBe(expected);
  });

  test("Pattern counts what its notes copy: more groups get through less text", () => {
    const text = "-".repeat(100_000);
    expect(new Pattern("()x").test(text)).toBe(false);
    expect(() => new Pattern("()()()()()()()()()x").test(text)).toThrow(PatternBudgetError);
  });

  test("Pattern notes no groups that replacements cannot name", () => {
    expect(new Pattern("()".repeat(498) + "x").replaceAll("-".repeat(4_000) + "x", "")).toBe("-".repeat(4_000));
  });

  test("Pattern reads repetitions of nothing at once, however often", () => {
    expect(new Pattern("(?:(?:(?:){1000}){1000}){1000}a").test("a")).toBe(true);
  });

  test("Pattern agrees with the engine of JavaScript on small patterns and texts", () => {
    const atom = constantFrom("a", "b", ".", "[ab]", "[^a]", "(a)", "(?:b|a)", "(a|ab)", "\\b", "^", "$");
    const piece = array(constantFrom("", "*", "+", "?", "*?", "{1,2}"), { minLength: 1, maxLength: 1 });
    const pattern = array(
      atom.chain((text) => piece.map(([count = ""]) => (/^(\^|\$|\\b)$/.test(text) ? text : text + count))),
      { maxLength: 5 },
    );
    assert(
      property(pattern, string({ unit: constantFrom("a", "b", "c", " "), maxLength: 8 }), (parts, text) => {
        const source = parts.join("");
        expect(new Pattern(source).test(text)).toBe(new RegExp(source).test(text));
        const whole = new RegExp(source, "g");
        expect(new Pattern(source).replaceAll(text, "<$0>").length).toBeGreaterThanOrEqual(text.length);
        expect(new Pattern(source).replaceAll(text, "<$0>").split("<")[0]).toBe(
          text.replaceAll(whole, "<$&>").split("<")[0] ?? "",
        );
      }),
      { numRuns: RUNS },
    );
  });

  test("Pattern reads any text or refuses it", () => {
    const sources = string({ unit: constantFrom(..."ab()[]{}|*+?^$\\.-,0129:<>P!=xwdDi".split("")), maxLength: 20 });
    assert(
      property(sources, (source) => {
        try {
          return typeof new Pattern(source).test("aab0") === "boolean";
        } catch (error) {
          return error instanceof PatternFault;
        }
      }),
      { numRuns: RUNS },
    );
  });
});
