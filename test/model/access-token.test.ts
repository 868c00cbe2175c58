import { expect, test } from "bun:test";
import { assert, constantFrom, property, string } from "fast-check";
import { accessTokenOf, hashToken, idSuffixIn, isSameHash, tokenFault } from "../../src/model/access-token.ts";

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

test("tokenFault finds none in what accessTokenOf makes, nor in tokens of other edges", () => {
  const ours = accessTokenOf(`cr_${SUFFIX}`, SECRET);
  const texts = [ours, "807ad30a-73be-48d8", "4T~!", "x".repeat(500)];
  expect(texts.map(tokenFault)).toEqual([undefined, undefined, undefined, undefined]);
});

test.each([
  ["", "is empty"],
  ["x".repeat(501), "has more than 500 characters"],
  ["a b", "holds a space"],
  ["a\u00a0b", "holds a space"],
  ["a\tb", "holds a line end or another control character"],
  ["ab\r\n", "holds a line end or another control character"],
  ["a\u007fb", "holds a line end or another control character"],
  ["täken", "holds a character that is not of ASCII"],
  ["a\u200bb", "holds a character that is not of ASCII"],
])("tokenFault says of %j what is wrong", (text, fault) => {
  expect(tokenFault(text)).toBe(fault);
});

// FIPS 180-2 appendix B.1
test("hashToken gives SHA-256 in hexadecimal digits", () => {
  expect(hashToken("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("isSameHash says what === says", () => {
  const hash = string({ unit: constantFrom("a", "b", "é"), maxLength: 3 });
  assert(property(hash, hash, (one, other) => isSameHash(one, other) === (one === other)));
});
