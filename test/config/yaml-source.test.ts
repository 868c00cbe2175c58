import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { readYaml, YamlProblem } from "../../src/config/yaml-source.ts";

test("readYaml keeps every scalar as its source text, and null as null", () => {
  const { value } = readYaml("a: 0123\nb: 12345678901234567890\nc: 1e5\nd: yes\ne: ~\nf:\ng: 'null'\nh: [true, 1.50]");
  expect(value).toEqual({
    a: "0123",
    b: "12345678901234567890",
    c: "1e5",
    d: "yes",
    e: null,
    f: null,
    g: "null",
    h: ["true", "1.50"],
  });
});

test.each([
  [["a"], 1, 1],
  [["a", "b"], 2, 3],
  [["a", "b", "c"], 2, 3],
  [["l", "1"], 3, 9],
  [["m", "k"], 4, 12],
  [["gone"], 1, 1],
] as const)("YamlSource.positionOf(%j) is line %p, column %p", (path, line, column) => {
  const source = readYaml("a:\n  b: 1\nl: [ x, y ]\nm: { j: 1, k: 2 }\n");
  expect(source.positionOf(path)).toEqual({ line, column });
});

test("readYaml resolves aliases and merge keys, own keys first", () => {
  const text = "base: &b { x: 1, y: 2 }\nuse: { <<: *b, y: 3 }\nsame: *b";
  expect(readYaml(text).value).toMatchObject({ use: { x: "1", y: "3" }, same: { x: "1", y: "2" } });
});

test("readYaml takes the anchor that stands last before an alias, also behind an alias that brings another of that name", () => {
  const { value } = readYaml("old: &old [&a 1]\nnew: &a 2\nagain: *old\nsame: *a\n");
  expect(value).toMatchObject({ again: ["1"], same: "2" });
});

const BOMB = Array.from({ length: 12 }, (_, level) =>
  level === 0 ? "a0: &a0 [x, x, x, x, x, x, x, x]" : `a${level}: &a${level} [${`*a${level - 1}, `.repeat(8)}]`,
).join("\n");

test.each([
  ["aliases that multiply", BOMB, "too many values"],
  ["nesting without end", "[".repeat(80) + "]".repeat(80), "nested too deep"],
  ["an alias of itself", "a: &a [*a]", "nested too deep"],
  ["a map as a key", "? { a: 1 }\n: b", "a key must be a plain text"],
  ["an alias of what comes later", "a: *b\nb: &b 1", "nothing is named &b"],
  ["two equal keys", "a: 1\na: 2", "stands twice"],
  ["two keys of one spelling", "1: a\n'1': b", "stands twice"],
])("readYaml refuses %s", (_, text, reason) => {
  expect(() => readYaml(text)).toThrow(reason);
  expect(() => readYaml(text)).toThrow(YamlProblem);
});

test("readYaml never makes a key reach the prototype", () => {
  const { value } = readYaml("__proto__: { polluted: yes }");
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect("polluted" in {}).toBe(false);
});

test("readYaml ends in a value or a YamlProblem, whatever the text", () => {
  const line = fc.constantFrom(
    "a: 1",
    "- x",
    "  b: [",
    "}",
    "\t",
    "&a",
    "*a",
    "? ",
    ": ",
    "'",
    '"',
    "|",
    "<<: *a",
    "---",
    "%Y",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(line).map((lines) => lines.join("\n")),
      ),
      (text) => {
        try {
          expect(readYaml(text).value).toBeDefined();
        } catch (error) {
          expect(error).toBeInstanceOf(YamlProblem);
        }
      },
    ),
    { numRuns: process.env["DEEP"] === "1" ? 50_000 : 500 },
  );
});
