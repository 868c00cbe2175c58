import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { SecretBox } from "../../src/store/secret-box.ts";
import { anyCharacter } from "../support/any-character.ts";

const KEY = new Uint8Array(32).fill(1);
const box = new SecretBox(KEY);

test("SecretBox opens what it sealed", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), fc.string(), (plain, owner) => {
      expect(box.open(box.seal(plain, owner), owner)).toBe(plain);
    }),
  );
});

test("SecretBox never seals the same text in the same way", () => {
  expect(box.seal("same", "cert_1")).not.toEqual(box.seal("same", "cert_1"));
});

test("SecretBox opens nothing for another owner, or with another key", () => {
  const sealed = box.seal("secret", "cert_1");
  expect(box.open(sealed, "cert_2")).toBeUndefined();
  expect(new SecretBox(new Uint8Array(32).fill(2)).open(sealed, "cert_1")).toBeUndefined();
});

test("SecretBox opens nothing that was cut or changed", () => {
  const sealed = box.seal("secret", "cert_1");
  for (let at = 0; at < sealed.length; at++) {
    expect(box.open(sealed.subarray(0, at), "cert_1")).toBeUndefined();
    expect(box.open(sealed.with(at, (sealed[at] ?? 0) ^ 1), "cert_1")).toBeUndefined();
  }
});

test("SecretBox opens no random bytes", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => box.open(bytes, "cert_1") === undefined));
});

test.each([0, 16, 31, 33])("SecretBox takes no key of %d bytes", (length) => {
  expect(() => new SecretBox(new Uint8Array(length))).toThrow(RangeError);
});

test("SecretBox has another key for each purpose, the same each time", () => {
  const key = box.keyFor("one");
  expect(key).toHaveLength(32);
  expect(new SecretBox(KEY).keyFor("one")).toEqual(key);
  expect(box.keyFor("two")).not.toEqual(key);
  expect(new SecretBox(new Uint8Array(32).fill(2)).keyFor("one")).not.toEqual(key);
  expect(key).not.toEqual(KEY);
});
