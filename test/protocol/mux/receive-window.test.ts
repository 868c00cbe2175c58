import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { GrowthBudget } from "../../../src/protocol/mux/growth-budget.ts";
import {
  type ConsumptionView,
  CREDIT_STEP_BYTES,
  INITIAL_WINDOW_BYTES,
  ReceiveWindow,
} from "../../../src/protocol/mux/receive-window.ts";

const MIB = 1024 * 1024;

function at(nowMs: number, roundTripMs?: number): ConsumptionView {
  return { nowMs, roundTripMs, creditStepBytes: CREDIT_STEP_BYTES, peerKeepsCredit: true };
}

/** A window of this size of which nothing is used. */
function grown(bytes: number): ReceiveWindow {
  const window = new ReceiveWindow(new GrowthBudget(64 * MIB));
  window.widen(bytes - INITIAL_WINDOW_BYTES);
  window.takeCredit();
  return window;
}

/** The peer sends this much, at one go, and it is consumed. Answers the credit for it. */
function pass(window: ReceiveWindow, bytes: number, view: ConsumptionView, isShared = true): number {
  expect(window.admit(bytes)).toBe(true);
  return window.consume(bytes, view, isShared) ? window.takeCredit() : 0;
}

test("ReceiveWindow admits exactly what it granted", () => {
  const window = new ReceiveWindow(new GrowthBudget(0));
  expect([window.admit(INITIAL_WINDOW_BYTES), window.admit(1)]).toEqual([true, false]);
});

test("ReceiveWindow returns what was consumed, in steps", () => {
  const window = new ReceiveWindow(new GrowthBudget(0));
  window.admit(70_000);
  expect([window.consume(65_535, at(0), false), window.consume(1, at(0), false)]).toEqual([false, true]);
  expect([window.takeCredit(), window.takeCredit()]).toEqual([65_536, 0]);
  expect([window.admit(INITIAL_WINDOW_BYTES - 70_000 + 65_536), window.admit(1)]).toEqual([true, false]);
});

test("ReceiveWindow widens by credit for nothing consumed, within the budget of the session", () => {
  const budget = new GrowthBudget(2);
  const window = new ReceiveWindow(budget);
  expect([window.widen(1), window.takeCredit(), window.sizeBytes]).toEqual([true, 1, INITIAL_WINDOW_BYTES + 1]);
  expect([window.widen(1), window.widen(1), window.takeCredit()]).toEqual([true, false, 1]);
  expect([window.admit(INITIAL_WINDOW_BYTES + 2), window.admit(1)]).toEqual([true, false]);
  window.release();
  expect(budget.leftBytes).toBe(2);
});

test.each([
  ["doubles when more than half of it is used up in a round trip", 131_073, 50, 50, 2],
  ["stays when half of it is used up in a round trip", 131_072, 50, 50, 1],
  ["stays when the round trip is not known", 200_000, 50, undefined, 1],
  ["stays when the same takes longer than a round trip", 131_073, 51, 50, 1],
  ["takes a round trip of at least 2 ms", 131_073, 2, 0.1, 2],
])("ReceiveWindow %s", (_, bytes, withinMs, roundTripMs, factor) => {
  const window = new ReceiveWindow(new GrowthBudget(64 * MIB));
  window.consume(1, at(100, roundTripMs), false);
  window.consume(bytes - 1, at(100 + withinMs, roundTripMs), false);
  expect(window.sizeBytes).toBe(INITIAL_WINDOW_BYTES * factor);
  expect(window.takeCredit()).toBe(bytes + INITIAL_WINDOW_BYTES * (factor - 1));
});

test.each([
  ["1 MiB next door", 0.2, 1],
  ["1 MiB up to 8 ms", 7.9, 1],
  ["2 MiB from 8 ms on", 8, 2],
  ["8 MiB at 50 ms", 50, 8],
  ["16 MiB at 64 ms", 64, 16],
  ["16 MiB at any longer round trip", 1000, 16],
])("ReceiveWindow grows to %s and no further", (_, roundTripMs, mebibytes) => {
  const budget = new GrowthBudget(64 * MIB);
  const window = new ReceiveWindow(budget);
  for (let i = 0; i < 20; i += 1) window.consume(16 * MIB, at(i, roundTripMs), false);
  expect([window.sizeBytes, budget.leftBytes]).toEqual([
    mebibytes * MIB,
    (64 - mebibytes) * MIB + INITIAL_WINDOW_BYTES,
  ]);
});

test("ReceiveWindow grows within the budget of the session and gives back what it took", () => {
  const budget = new GrowthBudget(4 * MIB);
  const windows = [new ReceiveWindow(budget), new ReceiveWindow(budget)] as const;
  for (const window of windows) for (let i = 0; i < 20; i += 1) window.consume(MIB, at(i, 50), false);
  expect(windows.map((window) => window.sizeBytes)).toEqual([MIB, MIB]);
  for (const window of windows) window.release();
  for (const window of windows) window.release();
  expect(budget.leftBytes).toBe(4 * MIB);
});

/** Windows of streams that were fast once, for this round trip. */
function onceFast(count: number, budget: GrowthBudget, roundTripMs: number): readonly ReceiveWindow[] {
  return Array.from({ length: count }, () => {
    const window = new ReceiveWindow(budget);
    for (let i = 0; i < 20; i += 1) pass(window, window.sizeBytes, at(i, roundTripMs), false);
    return window;
  });
}

function mebibytesOf(windows: readonly ReceiveWindow[]): number[] {
  return windows.map(({ sizeBytes }) => sizeBytes / MIB);
}

test("ReceiveWindow leaves something of the budget to those that grow later", () => {
  const windows = onceFast(100, new GrowthBudget(64 * MIB), 50);
  expect(mebibytesOf(windows).slice(0, 18)).toEqual([8, 8, 8, 8, 8, 8, 4, 4, 4, 2, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25]);
  const near = onceFast(100, new GrowthBudget(64 * MIB), 1);
  expect(mebibytesOf(near).findIndex((size) => size < 0.5)).toBe(87);
});

describe("ReceiveWindow of a stream that was fast and says little now", () => {
  const LATER_MS = 60_000;
  /** Says much more than all windows have, a little at a time. Answers what the peer may send at the end. */
  function chat(windows: readonly ReceiveWindow[], peerKeepsCredit = true): void {
    for (let i = 0; i < 1_000; i += 1) {
      const view = { ...at(LATER_MS + i * 1_000, 50), peerKeepsCredit };
      for (const window of windows) {
        expect(window.admit(16_384)).toBe(true);
        if (window.consume(16_384, view, false)) window.takeCredit();
      }
    }
  }

  test("gives back what it grew by while the budget is short, and others grow by that", () => {
    const budget = new GrowthBudget(64 * MIB);
    const windows = onceFast(100, budget, 50);
    chat(windows);
    expect(budget.isShort).toBe(false);
    expect(mebibytesOf(onceFast(2, budget, 50))).toEqual([8, 8]);
  });

  test.each<[string, number, boolean]>([
    ["the budget is not short", 2, true],
    ["the peer throws away credit that it was given", 100, false],
  ])("keeps it when %s", (_, streams, peerKeepsCredit) => {
    const budget = new GrowthBudget(64 * MIB);
    const windows = onceFast(streams, budget, 50);
    const before = mebibytesOf(windows);
    chat(windows, peerKeepsCredit);
    expect(mebibytesOf(windows)).toEqual(before);
  });

  test("has always a first window, but for less than a step, and grows again when it is fast again", () => {
    const sent = fc.record({ part: fc.integer({ min: 1, max: 100 }), ms: fc.nat(3_000) });
    fc.assert(
      fc.property(fc.array(sent), (steps) => {
        const budget = new GrowthBudget(64 * MIB);
        const [window] = onceFast(100, budget, 50);
        if (window === undefined) throw new Error("no window");
        let [nowMs, allowed] = [LATER_MS, window.sizeBytes];
        for (const { part, ms } of steps) {
          nowMs += ms;
          const bytes = Math.ceil((allowed * part) / 100);
          allowed += pass(window, bytes, at(nowMs, 50), false) - bytes;
          expect(allowed).toBeGreaterThan(INITIAL_WINDOW_BYTES - CREDIT_STEP_BYTES);
        }
      }),
    );
  });
});

describe("ReceiveWindow, beside streams that say little,", () => {
  test("lets a peer next door send no more than a first window at a time, and returns the rest when they fall silent", () => {
    const window = grown(MIB);
    expect(pass(window, 900_000, at(1000, 0.3))).toBe(INITIAL_WINDOW_BYTES - (MIB - 900_000));
    expect(pass(window, 100_000, at(1001, 0.3))).toBe(100_000);
    expect(pass(window, 1, at(1002, 0.3), false)).toBe(MIB - INITIAL_WINDOW_BYTES + 1);
  });

  test("says nothing before a whole step may be returned", () => {
    const window = grown(MIB);
    expect(pass(window, MIB - INITIAL_WINDOW_BYTES + CREDIT_STEP_BYTES - 1, at(1000, 0.3))).toBe(0);
    expect(pass(window, 1, at(1000, 0.3))).toBe(CREDIT_STEP_BYTES);
  });

  test("leaves a first window as it is", () => {
    const window = new ReceiveWindow(new GrowthBudget(0));
    expect(pass(window, 200_000, at(0))).toBe(200_000);
  });

  test.each([
    ["half as much again as a round trip carried", 800_000, 50, 1_200_000],
    ["three eighths of the window where it carried less", 100_000, 50, 786_432],
    ["what 2 Gbit/s carry where it carried more", 1_000_000, 4, MIB],
  ])("lets a peer send %s", (_, carried, roundTripMs, allowed) => {
    const window = grown(2 * MIB);
    window.admit(2 * MIB);
    window.consume(2 * MIB - carried, at(0), false); // not measured
    window.consume(carried, at(1000, roundTripMs), true);
    expect(window.takeCredit()).toBe(allowed);
  });

  test("never holds a peer up that has used everything it was allowed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ ms: fc.nat(60), roundTripMs: fc.nat(100), isShared: fc.boolean() })),
        (steps) => {
          const window = new ReceiveWindow(new GrowthBudget(64 * MIB));
          let [nowMs, allowed] = [0, INITIAL_WINDOW_BYTES];
          for (const { ms, roundTripMs, isShared } of steps) {
            nowMs += ms;
            const credit = pass(window, allowed, at(nowMs, roundTripMs), isShared);
            expect(credit).toBeGreaterThanOrEqual(INITIAL_WINDOW_BYTES);
            expect(Number.isInteger(credit)).toBe(true);
            allowed = credit;
          }
        },
      ),
    );
  });
});
