import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { formFields, queryFields } from "../../../../src/agent/inspector/body/form-fields.ts";

function brief(text: string): [string, string | undefined][] {
  return formFields(text).fields.map(({ name, value }) => [name, value]);
}

describe("formFields", () => {
  test.each<[text: string, fields: [string, string | undefined][]]>([
    ["", []],
    ["&&", []],
    [
      "a=1&b=2&a=3",
      [
        ["a", "1"],
        ["b", "2"],
        ["a", "3"],
      ],
    ],
    ["a", [["a", undefined]]],
    ["a=", [["a", ""]]],
    ["=x", [["", "x"]]],
    ["a=b=c", [["a", "b=c"]]],
    ["a+b=c+d%2B", [["a b", "c d+"]]],
    ["%C3%BC=%26", [["ü", "&"]]],
    [
      "user[name]=x&user%5Bid%5D=1",
      [
        ["user[name]", "x"],
        ["user[id]", "1"],
      ],
    ],
  ])("formFields reads %j", (text, fields) => {
    expect(brief(text)).toEqual(fields);
  });

  test("formFields says which field is broken", () => {
    expect(formFields("a=1&b=%").fields.map((field) => field.isBroken)).toEqual([false, true]);
  });

  test("formFields shows ten thousand fields and counts the rest", () => {
    const { fields, omitted } = formFields("a&".repeat(500_000));
    expect([fields.length, omitted]).toEqual([10_000, 490_000]);
  });

  test("formFields agrees with URLSearchParams", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }))), (pairs) => {
        const text = new URLSearchParams(pairs).toString();
        expect(brief(text)).toEqual([...new URLSearchParams(text)]);
      }),
      { numRuns: process.env["DEEP"] === "1" ? 20_000 : 300 },
    );
  });
});

test.each<[target: string, names: string[]]>([
  ["/", []],
  ["/?", []],
  ["/p?a=1&b", ["a", "b"]],
  ["/p?a=1#?b=2", ["a"]],
  ["http://h/?x=?y", ["x"]],
  ["*", []],
])("queryFields of %j", (target, names) => {
  expect(queryFields(target).fields.map((field) => field.name)).toEqual(names);
});
