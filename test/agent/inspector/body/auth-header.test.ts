import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseAuthorization, type Authorization } from "../../../../src/agent/inspector/body/auth-header.ts";

test.each<[value: string, authorization: Authorization]>([
  ["Basic dXNlcjpwYXNz", { scheme: "basic", user: "user", password: "pass" }],
  ["basic  dXNlcjpwOmE=", { scheme: "basic", user: "user", password: "p:a" }],
  ["Basic dTpww6k=", { scheme: "basic", user: "u", password: "pé" }],
  ["Basic dTpw6Q==", { scheme: "basic", user: "u", password: "pé" }],
  ["Basic Og==", { scheme: "basic", user: "", password: "" }],
  [
    "Basic dXNlcg==",
    {
      scheme: "other",
      name: "Basic",
      credentials: "dXNlcg==",
      fault: "there is no colon between user name and password",
    },
  ],
  ["Basic $$$", { scheme: "other", name: "Basic", credentials: "$$$", fault: "the credentials are not base64" }],
  ["Bearer abc", { scheme: "bearer", token: "abc", jwt: undefined }],
  [
    'Digest username="a\\"b", uri="/x,y", qop=auth,nc = 00000001',
    {
      scheme: "digest",
      parameters: [
        ["username", 'a"b'],
        ["uri", "/x,y"],
        ["qop", "auth"],
        ["nc", "00000001"],
      ],
    },
  ],
  ["Digest ", { scheme: "other", name: "Digest", credentials: "", fault: "there are no parameters" }],
  ["Token token=abc", { scheme: "other", name: "Token", credentials: "token=abc", fault: undefined }],
  ["", { scheme: "other", name: "", credentials: "", fault: undefined }],
])("parseAuthorization reads %j", (value, authorization) => {
  expect(parseAuthorization(value)).toEqual(authorization);
});

test("parseAuthorization decodes a token and claims nothing about its signature", () => {
  const read = parseAuthorization("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln");
  expect(read).toMatchObject({ scheme: "bearer", jwt: { header: '{"alg":"HS256"}', claims: '{"sub":"x"}' } });
});

test("parseAuthorization never throws", () => {
  const piece = fc.constantFrom("Basic ", "Digest ", "Bearer ", "a", "=", '"', "\\", ",", " ", ".", "é");
  fc.assert(
    fc.property(fc.string({ unit: piece }), (value) => {
      expect(["basic", "bearer", "digest", "other"]).toContain(parseAuthorization(value).scheme);
    }),
    { numRuns: process.env["DEEP"] === "1" ? 50_000 : 500 },
  );
});
