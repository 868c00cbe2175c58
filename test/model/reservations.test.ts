import { describe, expect, test } from "bun:test";
import { PublicError } from "../../src/base/errors.ts";
import {
  bindRight,
  checkReservation,
  isBelowBase,
  nameRefusal,
  type OwnNames,
  type Reservation,
} from "../../src/model/reservations.ts";

const own = { baseDomains: ["e.test"], protectedNames: ["api.e.test"] };
const RESERVED: readonly Reservation[] = [
  { domain: "app.example.com", accountId: "a" },
  { domain: "*.wild.example.com", accountId: "a" },
  { domain: "mine.e.test", accountId: "a" },
  { domain: "*.deep.e.test", accountId: "a" },
  { domain: "x.y.other.net", accountId: "b" },
  { domain: "theirs.wild.example.com", accountId: "b" },
];
const find = (domain: string): Reservation | undefined => RESERVED.find((one) => one.domain === domain);

function codeOf(work: () => unknown): string {
  try {
    return String(work());
  } catch (error) {
    return error instanceof PublicError ? error.code : String(error);
  }
}

describe("bindRight", () => {
  test.each([
    ["a", "free.e.test", "may"],
    ["a", "a.b.e.test", "notReserved"],
    ["a", "mine.e.test", "may mine.e.test"],
    ["b", "mine.e.test", "ofAnotherAccount"],
    ["a", "x.y.deep.e.test", "may *.deep.e.test"],
    ["b", "x.deep.e.test", "ofAnotherAccount"],
    ["a", "deep.e.test", "may"],
    ["a", "e.test", "ofEdge"],
    ["a", "api.e.test", "ofEdge"],
    ["a", "app.example.com", "may app.example.com"],
    ["a", "sub.app.example.com", "notReserved"],
    ["a", "foo.bar.wild.example.com", "may *.wild.example.com"],
    ["a", "wild.example.com", "notReserved"],
    ["a", "theirs.wild.example.com", "ofAnotherAccount"],
    ["a", "*.wild.example.com", "may *.wild.example.com"],
    ["a", "*.foo.wild.example.com", "wildcardNotReserved"],
    ["b", "*.foo.wild.example.com", "ofAnotherAccount"],
    ["b", "*.other.net", "notReserved"],
    ["a", "*.e.test", "notReserved"],
  ])("bindRight of account %s to %s: %s", (accountId, name, expected) => {
    const right = bindRight(accountId, name, { find, own });
    expect(right.may ? ["may", right.reservation?.domain].filter(Boolean).join(" ") : right.because).toBe(expected);
  });
});

describe("nameRefusal", () => {
  test.each([
    ["e.test", "ofEdge", "320"],
    ["x.e.test", "ofAnotherAccount", "320"],
    ["*.a.example.com", "wildcardNotReserved", "318"],
    ["*.example.com", "notReserved", "321"],
    ["*.e.test", "notReserved", "321"],
    ["app.example.com", "notReserved", "319"],
    ["a.b.e.test", "notReserved", "354"],
  ] as const)("nameRefusal of %s that is %s has the code %s", (domain, because, code) => {
    const error = nameRefusal(domain, because, own.baseDomains);
    expect([error.code, error.message]).toEqual([`ERR_NGROK_${code}`, expect.stringContaining(domain)]);
  });
});

/** `tunnel.e.test` is the domain of the edge, and somebody had wildcards above it before it was. */
describe("bindRight below a base domain", () => {
  const edge: OwnNames = {
    baseDomains: ["tunnel.e.test"],
    protectedNames: ["connect.tunnel.e.test"],
    configured: ["*.kept.tunnel.e.test", "*.e.test"].map((domain) => ({ domain, accountId: "operator" })),
  };
  const wide = new Set(["*.test", "*.e.test", "*.tunnel.e.test", "*.a.tunnel.e.test", "*.kept.tunnel.e.test"]);

  test.each([
    ["attacker", "tunnel.e.test", "ofEdge"],
    ["attacker", "connect.tunnel.e.test", "ofEdge"],
    ["victim", "app.tunnel.e.test", "may"],
    ["attacker", "app.tunnel.e.test", "may"],
    ["victim", "x.y.tunnel.e.test", "notReserved"],
    ["attacker", "x.y.tunnel.e.test", "notReserved"],
    ["attacker", "x.a.tunnel.e.test", "may *.a.tunnel.e.test"],
    ["attacker", "x.kept.tunnel.e.test", "ofAnotherAccount"],
    ["operator", "x.kept.tunnel.e.test", "may *.kept.tunnel.e.test"],
    ["attacker", "*.e.test", "ofAnotherAccount"],
    ["operator", "*.e.test", "may *.e.test"],
    ["operator", "app.tunnel.e.test", "may"],
    ["operator", "www.e.test", "may *.e.test"],
    ["attacker", "*.test", "notReserved"],
    ["attacker", "www.e.test", "ofAnotherAccount"],
  ])("bindRight looks for account %s at %s no higher than the base: %s", (accountId, name, expected) => {
    const known = { find: (domain: string) => (wide.has(domain) ? { domain, accountId: "attacker" } : undefined) };
    const right = bindRight(accountId, name, { ...known, own: edge });
    expect(right.may ? ["may", right.reservation?.domain].filter(Boolean).join(" ") : right.because).toBe(expected);
  });

  test.each([
    ["attacker", "*.test", "ERR_NGROK_416"],
    ["attacker", "*.e.test", "ERR_NGROK_416"],
    ["attacker", "*.tunnel.e.test", "ERR_NGROK_416"],
    ["operator", "*.e.test", "ERR_NGROK_416"],
    ["attacker", "*.com", "ERR_GINNEL_WIDE_WILDCARD"],
    ["attacker", "*.example.com", "*.example.com"],
    ["attacker", "x.kept.tunnel.e.test", "ERR_NGROK_414"],
    ["attacker", "app.tunnel.e.test", "app.tunnel.e.test"],
    ["attacker", "www.e.test", "ERR_NGROK_414"],
    ["attacker", "*.x.kept.tunnel.e.test", "ERR_NGROK_414"],
    ["attacker", "*.kept.tunnel.e.test", "ERR_NGROK_414"],
    ["operator", "*.kept.tunnel.e.test", "ERR_NGROK_413"],
    ["operator", "x.kept.tunnel.e.test", "x.kept.tunnel.e.test"],
  ])("checkReservation for account %s of %s: %s", (accountId, text, expected) => {
    expect(codeOf(() => checkReservation(accountId, text, { others: [], own: edge }))).toBe(expected);
  });

  test("checkReservation lets nobody be kept out by a wildcard that could not be reserved now", () => {
    const others = [...wide].map((domain) => ({ domain, accountId: "attacker" }));
    const known = { others, own: { ...edge, configured: [] } };
    expect(codeOf(() => checkReservation("victim", "app.tunnel.e.test", known))).toBe("app.tunnel.e.test");
    expect(codeOf(() => checkReservation("victim", "x.a.tunnel.e.test", known))).toBe("ERR_NGROK_414");
  });

  test("checkReservation refuses a wildcard above a name of the configuration", () => {
    const own = { ...edge, configured: [{ domain: "www.corp.test", accountId: "operator" }] };
    expect(codeOf(() => checkReservation("a", "*.corp.test", { others: [], own }))).toBe("ERR_NGROK_417");
    expect(codeOf(() => checkReservation("operator", "*.corp.test", { others: [], own }))).toBe("*.corp.test");
  });
});

describe("checkReservation", () => {
  test.each([
    ["a", "New.Example.com", "new.example.com"],
    ["a", "other.e.test", "other.e.test"],
    ["a", "*.other.e.test", "*.other.e.test"],
    ["a", "*.e.test", "ERR_NGROK_416"],
    ["a", "e.test", "ERR_NGROK_404"],
    ["a", "api.e.test", "ERR_NGROK_404"],
    ["a", "x.internal", "ERR_GINNEL_INTERNAL_URL"],
    ["a", "*.internal", "ERR_GINNEL_INTERNAL_URL"],
    ["a", "app.example.com", "ERR_NGROK_413"],
    ["b", "app.example.com", "ERR_NGROK_414"],
    ["b", "foo.wild.example.com", "ERR_NGROK_414"],
    ["a", "foo.wild.example.com", "foo.wild.example.com"],
    ["b", "*.foo.wild.example.com", "ERR_NGROK_414"],
    ["a", "*.other.net", "ERR_NGROK_417"],
    ["b", "*.other.net", "*.other.net"],
    ["b", "*.example.com", "ERR_NGROK_417"],
    ["a", "a.*.example.com", "ERR_NGROK_402"],
    ["a", "a_b.example.com", "ERR_NGROK_355"],
    ["a", "com", "ERR_GINNEL_NO_DOMAIN"],
    ["a", "192.0.2.7", "ERR_GINNEL_NO_DOMAIN"],
    ["a", "*.0.2.7", "ERR_GINNEL_NO_DOMAIN"],
    ["a", "7.example.com", "7.example.com"],
  ])("checkReservation for account %s of %s: %s", (accountId, text, expected) => {
    expect(codeOf(() => checkReservation(accountId, text, { others: RESERVED, own }))).toBe(expected);
  });
});

test("isBelowBase is true of names below a domain of the edge only", () => {
  expect(["a.e.test", "a.b.e.test", "e.test", "nice.test"].map((name) => isBelowBase(name, own.baseDomains))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
