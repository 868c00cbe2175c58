import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { answerText } from "../../../src/cli/api/answer-text.ts";
import { anyCharacter } from "../../support/any-character.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("answerText", () => {
  test.each([
    [200, '{"a":[1,{"b":null}]}', "200 OK\n", '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ]\n}\n'],
    [404, "{}", "404 Not Found\n", "{}\n"],
    [299, "{}", "299\n", "{}\n"],
    [204, "", "204 No Content\n", ""],
    [200, '{"a":"\\u202e\\u009b"}', "200 OK\n", '{\n  "a": "\\u202e\\u009b"\n}\n'],
  ])("answerText of %d %s", (status, body, line, json) => {
    expect(answerText({ status, body: bytes(body) })).toEqual({ status: line, json });
  });

  test.each([
    [200, ""],
    [200, "[]"],
    [200, "null"],
    [200, '"text"'],
    [200, "<p>{}</p>"],
    [500, "{"],
  ])("answerText of %d %j is none", (status, body) => {
    expect(answerText({ status, body: bytes(body) })).toBeUndefined();
  });

  test("answerText says what it was given, without a character that steers a terminal", () => {
    const numRuns = process.env["DEEP"] === undefined ? 200 : 20_000;
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: anyCharacter }), fc.jsonValue()), (value) => {
        const { json = "" } = answerText({ status: 200, body: bytes(JSON.stringify(value)) }) ?? {};
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(json.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
      }),
      { numRuns },
    );
  });
});
