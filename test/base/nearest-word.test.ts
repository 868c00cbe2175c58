import { expect, test } from "bun:test";
import { nearestWord } from "../../src/base/nearest-word.ts";

const KNOWN = ["authtoken", "addr", "auth", "subdomain", "hostname", "proto", "log"];

test.each([
  ["authtokn", "authtoken"],
  ["subdomian", "subdomain"],
  ["hostName", "hostname"],
  ["porto", "proto"],
  ["adr", "addr"],
  ["lg", "log"],
] as const)("nearestWord takes %s for %s", (word, meant) => {
  expect(nearestWord(word, KNOWN)).toBe(meant);
});

test.each(["region", "x", "", "completely_different"])("nearestWord has no guess for %p", (word) => {
  expect(nearestWord(word, KNOWN)).toBeUndefined();
});
