import { expect, test } from "bun:test";
import { cookies, setCookie } from "../../../../src/agent/inspector/body/cookies.ts";

test.each<[value: string, pairs: [string, string][]]>([
  ["", []],
  ["a=1", [["a", "1"]]],
  [
    "a=1; b=2;c = 3 ;",
    [
      ["a", "1"],
      ["b", "2"],
      ["c", "3"],
    ],
  ],
  [
    'a="x y"; b="',
    [
      ["a", "x y"],
      ["b", '"'],
    ],
  ],
  [
    "a=b=c; alone",
    [
      ["a", "b=c"],
      ["", "alone"],
    ],
  ],
  ["a=café €", [["a", "café €"]]],
])("cookies reads %j", (value, pairs) => {
  expect(cookies(value)).toEqual(pairs.map(([name, text]) => ({ name, value: text })));
});

test("cookies shows a thousand at most", () => {
  expect(cookies("a=1;".repeat(20_000))).toHaveLength(1000);
});

test.each<[value: string, name: string, text: string, attributes: [string, string | undefined][]]>([
  ["sid=abc", "sid", "abc", []],
  [
    "sid=a=b; Path=/x; HttpOnly; Secure; SameSite=Lax; Max-Age=60",
    "sid",
    "a=b",
    [
      ["Path", "/x"],
      ["HttpOnly", undefined],
      ["Secure", undefined],
      ["SameSite", "Lax"],
      ["Max-Age", "60"],
    ],
  ],
  ["x=; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "x", "", [["Expires", "Wed, 21 Oct 2026 07:28:00 GMT"]]],
  ["", "", "", []],
])("setCookie reads %j", (value, name, text, attributes) => {
  expect(setCookie(value)).toEqual({
    name,
    value: text,
    attributes: attributes.map(([key, setting]) => ({ name: key, value: setting })),
  });
});
