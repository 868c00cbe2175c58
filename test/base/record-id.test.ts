import { expect, test } from "bun:test";
import { newId, suffixOf } from "../../src/base/record-id.ts";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const NOON = new Date("2026-11-23T12:00:00Z");

/** The 20 bytes of an id, as one number. */
function numberIn(id: string): bigint {
  const digits = Array.from({ length: 27 }, (_, i) => DIGITS.indexOf(id.charAt(id.length - 27 + i)));
  return digits.reduce((sum, digit) => sum * 62n + BigInt(digit), 0n);
}

test("newId writes the seconds since the epoch of KSUIDs in front", () => {
  const id = newId("ep", NOON);
  expect(id).toMatch(/^ep_[0-9A-Za-z]{27}$/);
  expect(numberIn(id) >> 128n).toBe(BigInt(NOON.getTime() / 1000 - 1_400_000_000));
});

test("newId is never the same twice", () => {
  expect(new Set(Array.from({ length: 1000 }, () => newId("ep", NOON))).size).toBe(1000);
});

test("newId sorts as text by millisecond", () => {
  const ids = [0, 0.001, 0.002, 0.999, 1, 62, 3_600, 10 ** 9].map((seconds) =>
    newId("ep", new Date(NOON.getTime() + seconds * 1000)),
  );
  expect(ids.toSorted()).toEqual(ids);
});

test("suffixOf gives what follows the prefix", () => {
  expect(suffixOf("ep_2TMG")).toBe("2TMG");
});
