import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { PublicError, type PublicError as Refusal } from "../../src/base/errors.ts";
import { isWildcardName, parseEndpointName } from "../../src/model/endpoint-name.ts";

const LONG_LABEL = "a".repeat(63);

test.each([
  ["app.example.org", "app.example.org"],
  ["App.EXAMPLE.org", "app.example.org"],
  ["*.example.org", "*.example.org"],
  ["a-b.c1", "a-b.c1"],
  ["1.2.3", "1.2.3"],
  ["xn--mller-kva.de", "xn--mller-kva.de"],
  ["a--b.c", "a--b.c"],
  ["localhost", "localhost"],
  [`${LONG_LABEL}.org`, `${LONG_LABEL}.org`],
] as const)("parseEndpointName takes %s", (text, name) => {
  expect(parseEndpointName(text)).toBe(name);
});

test.each([
  ["1.21 gigawatts", "ERR_NGROK_326"],
  ["app.exämple.org", "ERR_NGROK_326"],
  ["app.example.org:443", "ERR_NGROK_326"],
  ["app.example.org\r\nx", "ERR_NGROK_326"],
  ["app😀.org", "ERR_NGROK_326"],
  ["app..org", "ERR_NGROK_327"],
  ["", "ERR_NGROK_328"],
  [".app.org", "ERR_NGROK_328"],
  ["-app.org", "ERR_NGROK_328"],
  ["app.-org", "ERR_NGROK_328"],
  ["app-.org", "ERR_NGROK_329"],
  ["app.org.", "ERR_NGROK_329"],
  ["ab--c.org", "ERR_NGROK_330"],
  ["xn--a.org", "ERR_NGROK_347"],
  ["my_app.org", "ERR_NGROK_355"],
  [`${LONG_LABEL}a.org`, "ERR_NGROK_396"],
  [Array.from({ length: 128 }, () => "a").join("."), "ERR_NGROK_397"],
  ["app.*.org", "ERR_NGROK_402"],
  ["*.*.org", "ERR_NGROK_402"],
  ["*", "ERR_NGROK_402"],
  ["a*.org", "ERR_NGROK_403"],
  ["**.org", "ERR_NGROK_403"],
] as const)("parseEndpointName refuses %p with %s", (text, code) => {
  expect(codeOf(() => parseEndpointName(text))).toBe(code);
});

test("parseEndpointName answers a lower-case name or a PublicError, and takes its own answers", () => {
  const letters = fc.constantFrom("a", "Z", "0", "-", ".", "*", "_", "x");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(letters).map((all) => all.join("")),
      ),
      (text) => {
        try {
          const name = parseEndpointName(text);
          expect(name).toMatch(/^(\*\.)?[a-z0-9.-]+$/);
          expect(parseEndpointName(name)).toBe(name);
        } catch (error) {
          expect(error).toBeInstanceOf(PublicError);
        }
      },
    ),
    { numRuns: process.env["DEEP"] === "1" ? 50_000 : 500 },
  );
});

test("isWildcardName tells wildcards from names", () => {
  expect(isWildcardName("*.example.org")).toBe(true);
  expect(isWildcardName("example.org")).toBe(false);
});

function codeOf(act: () => unknown): Refusal["code"] | "accepted" {
  try {
    act();
    return "accepted";
  } catch (error) {
    if (error instanceof PublicError) return error.code;
    throw error;
  }
}
