import { expect, test } from "bun:test";
import { nameFit, type NameFit } from "../../src/pki/certificate-names.ts";

const NAMES = ["example.com", "*.example.com", "*.local", "127.0.0.1", "::1", "f*.example.org", "*"];

test.each([
  ["example.com", "exact"],
  ["EXAMPLE.com.", "exact"],
  ["a.example.com", "wildcard"],
  ["A.Example.Com", "wildcard"],
  ["a.b.example.com", "none"],
  [".example.com", "none"],
  ["notexample.com", "none"],
  ["a.local", "wildcard"],
  ["local", "none"],
  ["localhost", "none"],
  ["foo.example.org", "none"],
  ["127.0.0.1", "exact"],
  ["127.0.0.2", "none"],
  ["::1", "exact"],
  ["0:0::1", "exact"],
  ["::2", "none"],
  ["", "none"],
] as const)("nameFit of %j is %s", (host: string, expected: NameFit) => {
  expect(nameFit(NAMES, host)).toBe(expected);
});
