import { expect, test } from "bun:test";
import { BasicAuth } from "../../src/policy/basic-auth.ts";

const auth = new BasicAuth(["ann:secret:with:colons", "bob:pässword", "eve:\uFFFD\uFFFD"]);
const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString("base64")}`;

test.each([
  ["the first pair", basic("ann:secret:with:colons"), true],
  ["the second pair, in UTF-8", basic("bob:pässword"), true],
  ["the scheme in other case", basic("bob:pässword").replace("Basic", "bAsIc"), true],
  ["a wrong password", basic("ann:secret"), false],
  ["a pair of two users mixed", basic("ann:pässword"), false],
  ["octets that are no UTF-8", `Basic ${Buffer.from("eve:\xFF\xFF", "latin1").toString("base64")}`, false],
  ["no header", undefined, false],
  ["an empty header", "", false],
  ["another scheme", basic("ann:secret:with:colons").replace("Basic", "Bearer"), false],
  ["no base64", "Basic ann:secret:with:colons", false],
  ["two credentials", `${basic("ann:secret:with:colons")}, ${basic("x:y")}`, false],
])("BasicAuth.admits judges %s", (_, header, admitted) => {
  expect(auth.admits(header)).toBe(admitted);
});
