import { expect, test } from "bun:test";
import { assert, integer, nat, property, tuple } from "fast-check";
import { newId } from "../../src/base/random.ts";

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

test("newId sorts as text by second, then by ordinal", () => {
  const moment = tuple(integer({ min: 1_500_000_000, max: 3_000_000_000 }), nat(0xffff_ffff));
  assert(
    property(moment, moment, (a, b) => {
      const [first, second] = [a, b].map(([seconds, ordinal]) => newId("airt", new Date(seconds * 1000), ordinal));
      const isEarlier = a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
      if (isEarlier) expect((first ?? "") < (second ?? "")).toBe(true);
      expect(numberIn(first ?? "") >> 96n).toBe((BigInt(a[0] - 1_400_000_000) << 32n) + BigInt(a[1]));
    }),
  );
});
