import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { JsonRow, JsonRows } from "../../../../src/agent/inspector/body/json-rows.ts";
import { JSON_NESTING_LIMIT } from "../../../../src/agent/inspector/body/json-reader.ts";
import { readJson } from "../../../../src/agent/inspector/body/json-tree.ts";

const RUNS = { numRuns: process.env["DEEP"] === "1" ? 50_000 : 500 };

function rowsOf(rows: JsonRows): JsonRow[] {
  return Array.from({ length: rows.count }, (_, i) => rows.row(i));
}

/** The rows without the indentation: minified JSON. */
function joined(rows: JsonRows): string {
  return rowsOf(rows)
    .map(({ name, text, hasComma }) => `${name === undefined ? "" : `${name}:`}${text}${hasComma ? "," : ""}`)
    .join("");
}

describe("readJson", () => {
  test("readJson makes a row of each value and of each end", () => {
    const text = '{ "a\\u0041" : 1,\n"b": [true, null, {}, [ ]], "c": {"d": "x"} }';
    const { rows, syntaxError } = readJson(text);
    expect(syntaxError).toBeUndefined();
    const row = { depth: 0, name: undefined, members: 0, closing: "", hasComma: false };
    expect(rowsOf(rows)).toEqual([
      { ...row, kind: "object", text: "{", members: 3, closing: "}", offset: 0 },
      { ...row, kind: "number", depth: 1, name: '"a\\u0041"', text: "1", hasComma: true, offset: 2 },
      { ...row, kind: "array", depth: 1, name: '"b"', text: "[", members: 4, closing: "],", offset: 17 },
      { ...row, kind: "boolean", depth: 2, text: "true", hasComma: true, offset: 23 },
      { ...row, kind: "null", depth: 2, text: "null", hasComma: true, offset: 29 },
      { ...row, kind: "object", depth: 2, text: "{}", hasComma: true, offset: 35 },
      { ...row, kind: "array", depth: 2, text: "[]", offset: 39 },
      { ...row, kind: "end", depth: 1, text: "]", hasComma: true, offset: 42 },
      { ...row, kind: "object", depth: 1, name: '"c"', text: "{", members: 1, closing: "}", offset: 45 },
      { ...row, kind: "string", depth: 2, name: '"d"', text: '"x"', offset: 51 },
      { ...row, kind: "end", depth: 1, text: "}", offset: 59 },
      { ...row, kind: "end", text: "}", offset: 61 },
    ]);
    expect([0, 1, 2, 8].map((i) => rows.foldEnd(i))).toEqual([11, 1, 7, 10]);
  });

  test.each([
    "12345678901234567890.123456789012345678901234567890",
    "-0",
    "1E400",
    '{"a":1,"a":2}',
    '"\\ud800\\/"',
    " \t\r\n1 ",
    "[[[]]]",
  ])("readJson keeps %s as written", (text) => {
    const { rows, syntaxError } = readJson(text);
    expect(syntaxError).toBeUndefined();
    expect(joined(rows)).toBe(text.trim());
  });

  test.each<[text: string, token: string, line: number, column: number, reason: string]>([
    ["", "", 1, 1, "there is no JSON value here"],
    [" \n ", "", 2, 2, "there is no JSON value here"],
    ['{"a":1 "b":2}', '"b"', 1, 8, "a comma is missing between two members"],
    ["[1\n2]", "2", 2, 1, "a comma is missing between two values"],
    ["[1,]", ",", 1, 3, "a comma cannot stand before the closing ]"],
    ['{"a":1,\n}', ",", 1, 7, "a comma cannot stand before the closing }"],
    ["[,1]", ",", 1, 2, "a value is missing before this comma"],
    ["{,}", ",", 1, 2, "a member is missing before this comma"],
    ["{:1}", ":", 1, 2, "the name of the member is missing before this colon"],
    ["{a:1}", "a", 1, 2, "the name of a member must stand in double quotes"],
    ['{"a" 1}', "1", 1, 6, "a colon is missing between the name of a member and its value"],
    ['{"a"}', "}", 1, 5, "a colon is missing between the name of a member and its value"],
    ['{"a":}', "}", 1, 6, "the value of this member is missing"],
    ['{"a":[1}', "}", 1, 8, "} cannot close the [ of line 1"],
    ['\n[{"a":1]', "]", 2, 8, "] cannot close the { of line 2"],
    ['["a":1]', ":", 1, 5, "a colon can only follow the name of a member"],
    ["[:1]", ":", 1, 2, "a colon can only follow the name of a member"],
    ["]", "]", 1, 1, "] closes nothing: no bracket is open"],
    ["1]", "]", 1, 2, "there is more text after the end of the JSON value"],
    ["{} {}", "{", 1, 4, "there is more text after the end of the JSON value"],
    ["12abc", "abc", 1, 3, "these characters cannot follow directly on the value before them"],
    ["[0.5.2]", ".2", 1, 5, "these characters cannot follow directly on the value before them"],
    ["[1", "", 1, 3, "the text ends here, but the [ of line 1 is not closed"],
    ['{"a":', "", 1, 6, "the text ends here, but the { of line 1 is not closed"],
    ["[01]", "0", 1, 2, "a number cannot begin with 0 and go on with another digit"],
    ["[-01]", "-0", 1, 2, "a number cannot begin with 0 and go on with another digit"],
    ["[1.]", "1.", 1, 2, "digits are missing after the point of this number"],
    ["1e", "1e", 1, 1, "digits are missing after the exponent of this number"],
    ["1e+", "1e+", 1, 1, "digits are missing after the exponent of this number"],
    [".5", ".5", 1, 1, "a number must have a digit before the point"],
    ["+1", "+1", 1, 1, "a number cannot begin with a plus sign"],
    ["-", "-", 1, 1, "a minus sign must be followed by a digit"],
    ["True", "True", 1, 1, "true must be written in lower case"],
    ["None", "None", 1, 1, "JSON has no None; it has null"],
    ["[NaN]", "NaN", 1, 2, "JSON has no NaN"],
    ["-Infinity", "-", 1, 1, "a minus sign must be followed by a digit"],
    ["'a'", "'a'", 1, 1, "strings must stand in double quotes"],
    ["hello", "hello", 1, 1, "hello is no JSON value; a string must stand in double quotes"],
    ["<html>", "<html>", 1, 1, "<html> cannot stand here: a value is expected"],
    ["// x\n1", "// x", 1, 1, "JSON has no comments"],
    ["[1 /* x */]", "/* x */", 1, 4, "JSON has no comments"],
    ["/", "/", 1, 1, "/ cannot stand here: a value is expected"],
    ['"abc', '"abc', 1, 1, "the string is not closed before the end of the text"],
    ['"ab\\', '"ab\\', 1, 1, "the string is not closed before the end of the text"],
    ['["ab\n"]', '"ab', 1, 2, "the string is not closed before the end of the line"],
    ['"a\tb"', "\t", 1, 3, "a control character in a string must be written as \\t"],
    ['"a\u0000b"', "\u0000", 1, 3, "a control character in a string must be written as \\u0000"],
    ['"a\\qb"', "\\q", 1, 3, 'after a backslash JSON knows only " \\ / b f n r t and u'],
    ['"\\u12g4"', "\\u", 1, 2, "\\u must be followed by four hexadecimal digits"],
    ['{"\\x":1}', "\\x", 1, 3, 'after a backslash JSON knows only " \\ / b f n r t and u'],
    ["\ufeff1", "\ufeff1", 1, 1, "\ufeff1 cannot stand here: a value is expected"],
    ["1\u00a0", "\u00a0", 1, 2, "there is more text after the end of the JSON value"],
  ])("readJson says what is wrong with %j", (text, token, line, column, reason) => {
    const { syntaxError } = readJson(text);
    const { offset = -1, length = -1 } = syntaxError ?? {};
    expect(syntaxError).toEqual({ offset, length, line, column, reason });
    expect(text.slice(offset, offset + length)).toBe(token);
  });

  test("readJson gives the rows before the error, folded up to the last", () => {
    const { rows } = readJson('{"a":[1,2,');
    expect(joined(rows)).toBe('{"a":[1,2,');
    expect([0, 1].map((i) => rows.foldEnd(i))).toEqual([3, 3]);
    expect(rows.row(1).closing).toBe("");
    expect(readJson('{"a":[1]').rows.row(0)).toMatchObject({ text: "{", closing: "" });
  });

  test("readJson refuses nesting that no page could show", () => {
    const text = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(readJson(text(JSON_NESTING_LIMIT)).syntaxError).toBeUndefined();
    expect(readJson(text(JSON_NESTING_LIMIT + 1)).syntaxError).toMatchObject({
      offset: JSON_NESTING_LIMIT,
      length: 1,
      reason: "nested deeper than 512 levels, which is as far as this view goes",
    });
  });

  test("readJson rebuilds any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2, "\t"), (value, indent) => {
        const { rows, syntaxError } = readJson(JSON.stringify(value, null, indent));
        expect(syntaxError).toBeUndefined();
        expect(joined(rows)).toBe(JSON.stringify(value));
      }),
      RUNS,
    );
  });

  test("readJson accepts exactly what JSON.parse accepts, and errors lie inside the text", () => {
    const piece = fc.constantFrom(
      ..."{}[]:,\"\\/ \n\t-+.eE019atx'".split(""),
      "true",
      "false",
      "null",
      '"a"',
      '"a":',
      "//",
      "\\u00",
      "\u2028",
      "\ud83d",
    );
    fc.assert(
      fc.property(fc.string({ unit: piece, maxLength: 12 }), (text) => {
        const { syntaxError } = readJson(text);
        expect(syntaxError === undefined).toBe(isJson(text));
        if (syntaxError === undefined) return;
        const { offset, length } = syntaxError;
        expect(offset >= 0 && offset + length <= text.length && (length > 0 || offset === text.length)).toBe(true);
      }),
      { numRuns: process.env["DEEP"] === "1" ? 200_000 : 5000 },
    );
  });

  test.each([
    ["open brackets", "[".repeat(1_000_000)],
    ["small arrays", `[${"[0],".repeat(250_000)}0]`],
    ["white space", " ".repeat(1_000_000)],
    ["escapes", `"${"\\n".repeat(200_000)}"`],
    ["broken escapes", `"${"\\u1".repeat(300_000)}"`],
    ["one long word", "x".repeat(1_000_000)],
    ["one long number", "1".repeat(1_000_000)],
  ])("readJson gets through a megabyte of %s", (_, text) => {
    const { rows, syntaxError } = readJson(text);
    expect(rows.count).toBeLessThan(text.length);
    expect(syntaxError === undefined).toBe(isJson(text));
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
