import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { UsageError } from "../../../src/base/errors.ts";
import { readBoundedYaml } from "../../../src/policy/traffic-policy/bounded-yaml.ts";

const RUNS = process.env["DEEP"] === "1" ? 50_000 : 200;
const ANY_64K = 64 * 1024;

/** As often as fits into what a policy may have. */
function filled(piece: string): string {
  return piece.repeat(Math.floor(ANY_64K / piece.length));
}

describe("readBoundedYaml", () => {
  test.each([
    ["brackets", filled("["), "nested deeper"],
    ["closed brackets", "[".repeat(40) + "]".repeat(40), "nested deeper"],
    ["maps", filled("{a: "), "nested deeper"],
    ["lists in one line", filled("- "), "nested deeper"],
    ["keys of keys", filled("? "), "nested deeper"],
    ["values of values", filled(": "), "nested deeper"],
    ["lists behind a bracket that was left", `[\n---\n${filled("- ")}`, "nested deeper"],
    ["lists over many lines", Array.from({ length: 40 }, (_, at) => `${" ".repeat(at)}-`).join("\n"), "nested deeper"],
    ["pairs in brackets", `[${filled("a: ")}]`, "more than 20000 keys"],
    ["marks of keys in brackets", `[${"? ".repeat(9_900)}]`, "Unexpected ? in flow sequence"],
    ["keys without end", `{${Array.from({ length: 10_000 }, (_, at) => `k${at}`).join()}}`, "more than 20000 keys"],
    ["documents without end", filled("---\n"), "more than 20000 keys"],
    ["aliases without end", `[&a x${",*a".repeat(51)}]`, "more than 50 aliases"],
    ["aliases of aliases", aliasesOfAliases(), "Excessive alias count"],
    ["an alias of nothing", "a: *b", "Unresolved alias"],
    ["a key that stands twice", "a: 1\nb: 2\na: 3\n", 'the key "a" stands twice in a map at line 3, column 1'],
    [
      "a key that stands twice in JSON",
      '{"x": {"a": 1, "a": 2}}',
      'the key "a" stands twice in a map at line 1, column 16',
    ],
    ["a key that stands twice with a number", "1: a\n'1': b\n", 'the key "1" stands twice'],
    ["a key that is a list", "? [a]\n: b\n", "a key of a map is no text"],
    ["no YAML", "a: [\nb", "sufficiently indented and end with a ] at line 2, column 1"],
    ["a text behind a text", "a: 1\nb: 'x' y\n", "Unexpected scalar at node end at line 2, column 8"],
  ])("readBoundedYaml refuses %s", (_, text, reason) => {
    expect(() => readBoundedYaml(text)).toThrow(reason);
  });

  test("readBoundedYaml reads what is long and plain", () => {
    const cidr = "192.0.2.128/25";
    const list = `allow:\n${`  - ${cidr}\n`.repeat(3_000)}`;
    expect(readBoundedYaml(list)).toEqual({ allow: Array.from({ length: 3_000 }, () => cidr) });
    const entries = Array.from({ length: 500 }, (_, at) => ({ name: `n${at}`, config: { allow: [cidr] } }));
    expect(readBoundedYaml(JSON.stringify({ entries }))).toEqual({ entries });
    const page = filled("{}[],:- ");
    expect(readBoundedYaml(JSON.stringify({ page }))).toEqual({ page });
    expect(readBoundedYaml(`page: |\n  ${page}\n`)).toEqual({ page: `${page}\n` });
  });

  test.each([
    ["YAML", "a:\n- b: [1, true]\n  c: 'd'\n- *x\n".replace("*x", "&x y"), { a: [{ b: [1, true], c: "d" }, "y"] }],
    ["JSON with tabs", '{\n\t"a": [1,\n\t\t{"b": null}]\n}', { a: [1, { b: null }] }],
    ["an alias", "a: &a [1]\nb: *a\n", { a: [1], b: [1] }],
    ["nothing", "", null],
  ])("readBoundedYaml reads %s", (_, text, value) => {
    expect(readBoundedYaml(text)).toEqual(value);
  });

  test("readBoundedYaml reads all JSON as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, noUnicodeString: true }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(readBoundedYaml(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: RUNS },
    );
  });

  test("readBoundedYaml ends in a value or a UsageError whatever it is given", () => {
    const pieces = [
      "? ",
      "- ",
      ": ",
      "[",
      "]",
      "{",
      "}",
      ",",
      "a",
      "'",
      '"',
      "&a ",
      "*a ",
      "!a ",
      "#",
      "\n",
      "|\n",
      "%",
    ];
    const texts = fc.tuple(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(texts, ([parts, times]) => {
        try {
          readBoundedYaml(parts.join("").repeat(times));
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

/** 40 aliases, which stand for as many values as there are ways through them. */
function aliasesOfAliases(): string {
  const levels = Array.from(
    { length: 6 },
    (_, at) =>
      `a${at}: &a${at} [${Array(8)
        .fill(at === 0 ? "x" : `*a${at - 1}`)
        .join()}]`,
  );
  return levels.join("\n");
}
