import { expect, test } from "bun:test";
import { assert, constantFrom, property, string } from "fast-check";
import { accessTokenOf, hashToken, idSuffixIn, isSameHash } from "../../src/model/access-token.ts";

const SUFFIX = "2TMG0123456789ABCDEFabcdefz";
const SECRET = "abcdefghijklmnopqrstu";

test("accessTokenOf joins what the id ends with and the secret", () => {
  expect(accessTokenOf(`cr_${SUFFIX}`, SECRET)).toBe(`${SUFFIX}_${SECRET}`);
});

test("idSuffixIn finds what accessTokenOf put there", () => {
  expect(idSuffixIn(accessTokenOf(`ak_${SUFFIX}`, SECRET))).toBe(SUFFIX);
});

test.each(["", "_", SUFFIX, `${SUFFIX}_`, `${SUFFIX}_${SECRET}x`, `cr_${SUFFIX}_${SECRET}`, `${SUFFIX}-${SECRET}`])(
  "idSuffixIn finds none in %j",
  (token) => {
    expect(idSuffixIn(token)).toBeUndefined();
  },
);

// FIPS 180-2 appendix B.1
test("hashToken gives SHA-256 in hexadecimal digits", () => {
  expect(hashToken("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("isSameHash says what === says", () => {
  const hash = string({ unit: constantFrom("a", "b", "é"), maxLength: 3 });
  assert(property(hash, hash, (one, other) => isSameHash(one, other) === (one === other)));
});
