import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { IdleWatch } from "../../src/net/idle-watch.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** A deadline passes at the limit, at most two ticks later. */
const SLACK_MS = 2_000;

function watched(limitMs: number): { clock: ManualClock; watch: IdleWatch; passed: string[] } {
  const clock = new ManualClock();
  const watch = new IdleWatch(clock);
  const passed: string[] = [];
  watch.watch(limitMs, () => passed.push("first"));
  return { clock, watch, passed };
}

test("IdleWatch calls once, not before the limit and soon after it", () => {
  const { clock, passed } = watched(10_000);
  clock.advance(10_000);
  expect(passed).toEqual([]);
  clock.advance(SLACK_MS);
  expect(passed).toEqual(["first"]);
  clock.advance(60_000);
  expect(passed).toEqual(["first"]);
});

test("IdleWatch begins the limit again at every touch", () => {
  const { clock, watch, passed } = watched(1_000_000);
  const busy = watch.watch(5_000, () => passed.push("busy"));
  for (let i = 0; i < 20; i += 1) {
    clock.advance(4_000);
    busy.touch();
  }
  expect(passed).toEqual([]);
  clock.advance(5_000 + SLACK_MS);
  expect(passed).toEqual(["busy"]);
});

test("IdleWatch forgets what was stopped, also by another deadline of the same tick", () => {
  const clock = new ManualClock();
  const watch = new IdleWatch(clock);
  const passed: string[] = [];
  watch.watch(5_000, () => {
    passed.push("first");
    second.stop();
  });
  const second = watch.watch(5_000, () => passed.push("second"));
  const third = watch.watch(5_000, () => passed.push("third"));
  clock.advance(1_000);
  third.touch();
  clock.advance(4_000 + SLACK_MS);
  expect(passed).toEqual(["first", "third"]);
  expect(clock.pending).toBe(0);
});

test("IdleWatch forgets what another deadline stopped after it was put off", () => {
  const clock = new ManualClock();
  const watch = new IdleWatch(clock);
  watch.watch(5_000, () => putOff.stop());
  const putOff = watch.watch(5_000, () => {});
  clock.advance(4_000);
  putOff.touch();
  clock.advance(1_000 + SLACK_MS);
  expect(clock.pending).toBe(0);
});

test("IdleWatch keeps no timer while nothing is watched", () => {
  const clock = new ManualClock();
  const watch = new IdleWatch(clock);
  expect(clock.pending).toBe(0);
  const one = watch.watch(5_000, () => {});
  const two = watch.watch(9_000, () => {});
  expect(clock.pending).toBe(1);
  one.stop();
  one.stop();
  expect(clock.pending).toBe(1);
  two.stop();
  expect(clock.pending).toBe(0);
});

test("IdleWatch reports what a callback throws and serves the others", () => {
  const clock = new ManualClock();
  const faults: unknown[] = [];
  const watch = new IdleWatch(clock, (fault) => faults.push(fault));
  let others = 0;
  watch.watch(1_000, () => {
    throw new Error("ours");
  });
  watch.watch(1_000, () => (others += 1));
  clock.advance(1_000 + SLACK_MS);
  expect(faults).toEqual([new Error("ours")]);
  expect(others).toBe(1);
});

test("IdleWatch keeps to its bounds for any limits and touches", () => {
  const plan = fc.array(fc.record({ limitMs: fc.integer({ min: 1, max: 20_000 }), waitMs: fc.nat(8_000) }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(plan, (steps) => {
      const clock = new ManualClock();
      const faults: unknown[] = [];
      const watch = new IdleWatch(clock, (fault) => faults.push(fault));
      for (const { limitMs, waitMs } of steps) {
        let touchedMs = clock.nowMs();
        const idle = watch.watch(limitMs, () => {
          const waitedMs = clock.nowMs() - touchedMs;
          expect(waitedMs).toBeGreaterThanOrEqual(limitMs);
          expect(waitedMs).toBeLessThanOrEqual(limitMs + SLACK_MS);
        });
        clock.advance(waitMs);
        touchedMs = clock.nowMs();
        idle.touch();
      }
      clock.advance(20_000 + SLACK_MS);
      expect(faults).toEqual([]);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: process.env["DEEP"] === "1" ? 5_000 : 200 },
  );
});
