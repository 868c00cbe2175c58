import { expect, test } from "bun:test";
import { base64Text } from "../../../../src/agent/inspector/body/base64-bytes.ts";
import { decodeJwt } from "../../../../src/agent/inspector/body/jwt.ts";

function token(header: string, claims: string, signature = "c2ln"): string {
  const part = (text: string) => base64Text(new TextEncoder().encode(text)).replaceAll("=", "");
  return `${part(header)}.${part(claims)}.${signature}`;
}

test("decodeJwt takes a token apart", () => {
  const claims = '{ "sub":"ü", "iat":1700000000, "exp": 1700003600.5, "nbf":"soon" }';
  expect(decodeJwt(token('{"alg":"HS256"}', claims))).toEqual({
    header: '{"alg":"HS256"}',
    claims,
    times: [
      { name: "iat", at: new Date("2023-11-14T22:13:20Z") },
      { name: "exp", at: new Date("2023-11-14T23:13:20.500Z") },
    ],
    hasSignature: true,
  });
});

test("decodeJwt says when there is no signature, and leaves out impossible times", () => {
  const decoded = decodeJwt(token('{"alg":"none"}', '{"exp":1e300,"__proto__":{"iat":1}}', ""));
  expect([decoded?.hasSignature, decoded?.times]).toEqual([false, []]);
});

test.each([
  ["nothing", ""],
  ["an opaque token", "abcdef"],
  ["two dots of nothing", ".."],
  ["a number for claims", token("{}", "1")],
  ["a list for a header", token("[]", "{}")],
  ["broken JSON", token("{", "{}")],
  ["an encrypted token of five parts", `${token("{}", "{}")}.a.b`],
  ["four parts", `${token("{}", "{}")}.a`],
  ["something endless", token("{}", `{"a":"${"x".repeat(70_000)}"}`)],
])("decodeJwt does not take %s for a token", (_, text) => {
  expect(decodeJwt(text)).toBeUndefined();
});
