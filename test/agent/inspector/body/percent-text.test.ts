import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { decodePercent } from "../../../../src/agent/inspector/body/percent-text.ts";
import { anyCharacter } from "../../../support/any-character.ts";

test.each<[written: string, text: string, isBroken: boolean]>([
  ["", "", false],
  ["plain+text", "plain+text", false],
  ["a%20b%2Bc", "a b+c", false],
  ["caf%C3%a9", "café", false],
  ["%EF%BB%BFx", "\ufeffx", false],
  ["%EF%BF%BD", "\ufffd", false],
  ["100%", "100%", true],
  ["%zz%41", "%zzA", true],
  ["%C3", "\ufffd", true],
  ["%ff%fe", "\ufffd\ufffd", true],
])("decodePercent of %j is %j, broken: %p", (written, text, isBroken) => {
  expect(decodePercent(written)).toEqual({ text, isBroken });
});

test("decodePercent undoes encodeURIComponent", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      expect(decodePercent(encodeURIComponent(text)).text).toBe(text);
    }),
    { numRuns: process.env["DEEP"] === "1" ? 50_000 : 500 },
  );
});
