import { expect, test } from "bun:test";
import { type Holder, MAX_HOLDS, NAME_HOLD_MS, NameHolds } from "../../../src/edge/binding/name-holds.ts";
import type { Routed } from "../../../src/edge/routing-table.ts";

const A: Routed = { place: "https", host: "a.test" };
const numbered = (n: number): Routed => ({ place: "https", host: `${n}.test` });

const SELF: Holder = { credentialId: "cr_1", accountId: "ac_1" };
const COLLEAGUE: Holder = { credentialId: "cr_2", accountId: "ac_1" };
const STRANGER: Holder = { credentialId: "cr_3", accountId: "ac_2" };

test.each([
  ["the token that left it", SELF, NAME_HOLD_MS - 1, true, false],
  ["another one", COLLEAGUE, NAME_HOLD_MS - 1, true, true],
  ["another one when its time is over", COLLEAGUE, NAME_HOLD_MS, false, false],
])("NameHolds keeps a name, seen by %s", (_, by, nowMs, isHeld, isHeldFromIt) => {
  const holds = new NameHolds();
  holds.hold(A, SELF, 0);
  expect([holds.isHeld(A, nowMs), holds.isHeldFromOthers(A, by, nowMs)]).toEqual([isHeld, isHeldFromIt]);
});

test.each([
  ["http", "https", COLLEAGUE, false],
  ["http", "https", STRANGER, true],
  ["https", "http", STRANGER, true],
  ["tls", "https", SELF, false],
  ["tls", "https", COLLEAGUE, true],
  ["https", "tls", COLLEAGUE, true],
  ["tls", "http", COLLEAGUE, false],
  ["tls", "http", STRANGER, true],
  ["tcp:1000", "https", STRANGER, false],
  ["tcp:1000", "tcp:1001", STRANGER, false],
] as const)("NameHolds that keeps %s keeps %s on the same host from %o: %p", (held, wanted, by, isKept) => {
  const holds = new NameHolds();
  holds.hold({ place: held, host: "a.test" }, SELF, 0);
  expect(holds.isHeldFromOthers({ place: wanted, host: "a.test" }, by, 0)).toBe(isKept);
});

test("NameHolds lets both of a host come back", () => {
  const holds = new NameHolds();
  holds.hold({ place: "https", host: "a.test" }, SELF, 0);
  holds.hold({ place: "http", host: "a.test" }, COLLEAGUE, 0);
  expect(holds.isHeldFromOthers({ place: "https", host: "a.test" }, SELF, 0)).toBe(false);
  expect(holds.isHeldFromOthers({ place: "http", host: "a.test" }, COLLEAGUE, 0)).toBe(false);
});

test("NameHolds keeps places of one host apart, and forgets what was released", () => {
  const holds = new NameHolds();
  holds.hold(A, SELF, 0);
  expect(holds.isHeld({ ...A, place: "http" }, 0)).toBe(false);
  holds.release(A);
  expect(holds.isHeld(A, 0)).toBe(false);
});

test("NameHolds counts from the last time the name was left", () => {
  const holds = new NameHolds();
  holds.hold(A, SELF, 0);
  holds.hold(numbered(1), SELF, 1);
  holds.hold(A, SELF, 10);
  holds.hold(numbered(2), SELF, NAME_HOLD_MS + 5);
  expect([holds.isHeld(A, NAME_HOLD_MS + 5), holds.isHeld(numbered(1), NAME_HOLD_MS + 5)]).toEqual([true, false]);
});

test("NameHolds gives up the oldest name when there are too many", () => {
  const holds = new NameHolds();
  for (let n = 0; n <= MAX_HOLDS; n += 1) holds.hold(numbered(n), SELF, 0);
  expect([0, 1, MAX_HOLDS].map((n) => holds.isHeld(numbered(n), 0))).toEqual([false, true, true]);
});
