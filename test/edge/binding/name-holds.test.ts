import { expect, test } from "bun:test";
import { MAX_HOLDS, NAME_HOLD_MS, NameHolds } from "../../../src/edge/binding/name-holds.ts";
import type { Routed } from "../../../src/edge/routing-table.ts";

const A: Routed = { place: "https", host: "a.test" };
const numbered = (n: number): Routed => ({ place: "https", host: `${n}.test` });

test.each([
  ["the token that left it", "cr_1", NAME_HOLD_MS - 1, true, false],
  ["another one", "cr_2", NAME_HOLD_MS - 1, true, true],
  ["another one when its time is over", "cr_2", NAME_HOLD_MS, false, false],
])("NameHolds keeps a name, seen by %s", (_, credentialId, nowMs, isHeld, isHeldFromIt) => {
  const holds = new NameHolds();
  holds.hold(A, "cr_1", 0);
  expect([holds.isHeld(A, nowMs), holds.isHeldFromOthers(A, credentialId, nowMs)]).toEqual([isHeld, isHeldFromIt]);
});

test("NameHolds keeps places of one host apart, and forgets what was released", () => {
  const holds = new NameHolds();
  holds.hold(A, "cr_1", 0);
  expect(holds.isHeld({ ...A, place: "http" }, 0)).toBe(false);
  holds.release(A);
  expect(holds.isHeld(A, 0)).toBe(false);
});

test("NameHolds counts from the last time the name was left", () => {
  const holds = new NameHolds();
  holds.hold(A, "cr_1", 0);
  holds.hold(numbered(1), "cr_1", 1);
  holds.hold(A, "cr_1", 10);
  holds.hold(numbered(2), "cr_1", NAME_HOLD_MS + 5);
  expect([holds.isHeld(A, NAME_HOLD_MS + 5), holds.isHeld(numbered(1), NAME_HOLD_MS + 5)]).toEqual([true, false]);
});

test("NameHolds gives up the oldest name when there are too many", () => {
  const holds = new NameHolds();
  for (let n = 0; n <= MAX_HOLDS; n += 1) holds.hold(numbered(n), "cr_1", 0);
  expect([0, 1, MAX_HOLDS].map((n) => holds.isHeld(numbered(n), 0))).toEqual([false, true, true]);
});
