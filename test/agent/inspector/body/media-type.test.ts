import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseParameterized } from "../../../../src/agent/inspector/body/media-type.ts";

describe("parseParameterized", () => {
  test.each<[string | undefined, string, Record<string, string>]>([
    [undefined, "", {}],
    ["", "", {}],
    ["text/plain", "text/plain", {}],
    ["  Text/HTML ; Charset=UTF-8", "text/html", { charset: "UTF-8" }],
    ['multipart/form-data; boundary="a;b c"', "multipart/form-data", { boundary: "a;b c" }],
    ['form-data; name="a\\"b\\\\c"; filename=x.txt', "form-data", { name: 'a"b\\c', filename: "x.txt" }],
    ["a/b;;;c=d", "a/b", { c: "d" }],
    ["a/b; c=1; c=2", "a/b", { c: "1" }],
    ["a/b; flag; x = 1 ", "a/b", { flag: "", x: "1" }],
    ['a/b; x="never closed; y=2', "a/b", { x: "never closed; y=2" }],
    ["text/html, application/json", "text/html", {}],
    ['a/b; x="1" rubbish; y=2', "a/b", { x: "1", y: "2" }],
  ])("parseParameterized reads %p", (text, value, parameters) => {
    const parsed = parseParameterized(text);
    expect(parsed.value).toBe(value);
    expect(Object.fromEntries(parsed.parameters)).toEqual(parameters);
  });

  test("parseParameterized keeps at most a hundred parameters", () => {
    const many = Array.from({ length: 500 }, (_, i) => `p${i}=1`).join(";");
    expect(parseParameterized(`a/b;${many}`).parameters.size).toBe(100);
  });

  test("parseParameterized never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab;=", \\\t\n/'.split("")) }), (text) => {
        expect(parseParameterized(text).value).toBe(parseParameterized(text).value.trim());
      }),
      { numRuns: process.env["DEEP"] === "1" ? 50_000 : 500 },
    );
  });
});
