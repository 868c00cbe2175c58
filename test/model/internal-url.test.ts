import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { PublicError } from "../../src/base/errors.ts";
import {
  formatInternalUrl,
  isInternalName,
  parseForwardTarget,
  parseInternalName,
  parseInternalUrl,
} from "../../src/model/internal-url.ts";

test.each([
  ["https://api.internal", { scheme: "https", host: "api.internal", port: 443 }, "https://api.internal"],
  ["HTTPS://API.Internal:443/", { scheme: "https", host: "api.internal", port: 443 }, "https://api.internal"],
  ["http://api.internal:8080", { scheme: "http", host: "api.internal", port: 8080 }, "http://api.internal:8080"],
  ["tls://*.db.internal", { scheme: "tls", host: "*.db.internal", port: 443 }, "tls://*.db.internal"],
  ["tcp://db.internal:5432", { scheme: "tcp", host: "db.internal", port: 5432 }, "tcp://db.internal:5432"],
  ["http://a.b.c.d.e.internal", { scheme: "http", host: "a.b.c.d.e.internal", port: 80 }, "http://a.b.c.d.e.internal"],
] as const)("parseInternalUrl reads %s", (text, url, formatted) => {
  expect(parseInternalUrl(text)).toEqual(url);
  expect(formatInternalUrl(url)).toBe(formatted);
});

test.each([
  ["api.internal", "no URL of the scheme"],
  ["udp://api.internal", "no URL of the scheme"],
  ["https://api.internal/path", "no URL of the scheme"],
  ["https://u@api.internal", "no URL of the scheme"],
  ["https://api.example.com", "end in .internal"],
  ["https://internal", "end in .internal"],
  ["https://a.b.c.d.e.f.internal", "at most 5 labels"],
  ["tcp://db.internal", "needs a port"],
  ["tcp://db.internal:0", "needs a port"],
  ["tcp://db.internal:65536", "needs a port"],
  ["https://a..internal", "two periods"],
])("parseInternalUrl refuses %s: %s", (text, reason) => {
  expect(() => parseInternalUrl(text)).toThrow(reason);
});

test("parseInternalUrl makes a URL of any text, which it reads the same once it is formatted, or refuses it", () => {
  const label = fc.string({ unit: fc.constantFrom("a", "Z", "0", "-", ".", "*", "_"), maxLength: 12 });
  const text = fc.tuple(fc.constantFrom("http", "tcp", "TLS", "x"), label, fc.constantFrom("", ":1", ":65536", "/"));
  fc.assert(
    fc.property(
      fc.oneof(
        text.map(([scheme, host, rest]) => `${scheme}://${host}.internal${rest}`),
        fc.string(),
      ),
      (given) => {
        try {
          const url = parseInternalUrl(given);
          expect(parseInternalUrl(formatInternalUrl(url))).toEqual(url);
        } catch (error) {
          expect(error).toBeInstanceOf(PublicError);
        }
      },
    ),
    { numRuns: process.env["DEEP"] === "1" ? 100_000 : 500 },
  );
});

test("parseForwardTarget takes one host and no wildcard", () => {
  expect(parseForwardTarget("https://a.internal").host).toBe("a.internal");
  expect(() => parseForwardTarget("https://*.internal")).toThrow("one host");
});

test.each([
  ["a.internal", true],
  ["internal", true],
  ["*.internal", true],
  ["ainternal", false],
  ["internal.example.com", false],
] as const)("isInternalName of %s is %p", (name, isInternal) => {
  expect(isInternalName(name)).toBe(isInternal);
});

test("parseInternalName answers lower case", () => {
  expect(parseInternalName("Api.INTERNAL")).toBe("api.internal");
});
