import { expect, test } from "bun:test";
import { certificateWarnings } from "../../../../src/cli/edge/check/certificate-warnings.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const DAY_MS = 24 * 60 * 60 * 1_000;

function loaded(names: readonly string[], days: number, warnings: readonly string[] = []) {
  const notAfter = new Date(NOW.getTime() + days * DAY_MS);
  return { material: { certPem: "", keyPem: "", names, notBefore: NOW, notAfter }, warnings };
}

const EDGE = { domains: ["a.test"], acme: undefined, usesLocalCa: true };
const ACME = {
  directoryUrl: "https://acme.test/dir",
  contact: undefined,
  externalAccount: undefined,
  dnsHook: undefined,
  dnsZones: [],
  rootsFile: undefined,
};

test.each([
  ["covers everything", ["a.test", "*.a.test"], 90, []],
  ["leaves the wildcard out", ["a.test"], 90, [expect.stringContaining("does not cover *.a.test;")]],
  ["is for another name", ["b.test"], 90, [expect.stringContaining("does not cover a.test, *.a.test;")]],
  ["ends soon", ["a.test", "*.a.test"], 13, [expect.stringContaining("ends on 2026-01-14")]],
])("certificateWarnings of one that %s", (_, names, days, warnings) => {
  expect(certificateWarnings(loaded(names, days), EDGE, NOW)).toEqual(warnings);
});

test.each([
  ["the edge's own authority signs", {}],
  ["the ACME authority signs", { acme: ACME }],
  ["the ACME authority signs", { acme: ACME, usesLocalCa: false }],
  ["is refused, because local-ca is false", { usesLocalCa: false }],
])("certificateWarnings says of names that are left out: %s (%j)", (text, more) => {
  const warnings = certificateWarnings(loaded(["a.test"], 90), { ...EDGE, ...more }, NOW);
  expect(warnings).toEqual([expect.stringContaining(text)]);
});

test("certificateWarnings passes on what loading found", () => {
  expect(certificateWarnings(loaded(["a.test", "*.a.test"], 90, ["odd order"]), EDGE, NOW)).toEqual(["odd order"]);
});
