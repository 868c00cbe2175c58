import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fieldText } from "../../src/telemetry/field-text.ts";

const loop: Record<string, unknown> = {};
loop["self"] = loop;

describe("fieldText", () => {
  test.each([
    ["text", "a b", "a b"],
    ["nothing", null, "nil"],
    ["undefined inside a list", [undefined, 1], "[nil 1]"],
    ["an empty list", [], "[]"],
    ["a list", ["a", "b"], "[a b]"],
    ["a set", new Set([1, 2]), "[1 2]"],
    ["a map", new Map([["a", 1]]), '[["a",1]]'],
    ["an object", { a: 1, b: [2] }, '{"a":1,"b":[2]}'],
    ["an object with an error and a big number", { err: new Error("no"), n: 3n }, '{"err":"no","n":"3"}'],
    ["an object without prototype", Object.create(null), "{}"],
    ["an object that holds itself", loop, "unprintable"],
    ["an object whose JSON is nothing", { toJSON: () => undefined }, "nil"],
    ["an error", new TypeError("wrong"), "wrong"],
    ["an error without words", new TypeError(), "TypeError"],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["no date", new Date(Number.NaN), "invalid date"],
    ["a URL", new URL("https://a.example/"), "https://a.example/"],
    ["bytes", new Uint8Array(3), "3 bytes"],
    ["a number", 1.5, "1.5"],
    ["no number", Number.NaN, "NaN"],
    ["a big number", 12n, "12"],
    ["a boolean", false, "false"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["a function", () => 1, "function"],
  ])("fieldText prints %s", (_, value: unknown, text) => {
    expect(fieldText(value)).toBe(text);
  });

  test("fieldText cuts what would fill a pipe", () => {
    expect(fieldText("x".repeat(100_000))).toHaveLength(8193);
  });

  test("fieldText prints any value as text that is no default rendering", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }), (value) => {
        expect(fieldText(value)).toBeString();
        if (typeof value === "object") expect(fieldText(value)).not.toContain("[object Object]");
      }),
    );
  });
});
