import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { ConnectionMeter } from "../../src/telemetry/connection-meter.ts";

const NOTHING = { count: 0, gauge: 0, rate1: 0, rate5: 0, rate15: 0, p50: 0, p90: 0, p95: 0, p99: 0 };

test("ConnectionMeter of a tunnel that nobody visited is all zeros, in the order of the agent API", () => {
  const shown = new ConnectionMeter({ nowMs: 0 }).snapshot(3_600_000);
  expect(JSON.stringify(shown)).toBe(JSON.stringify(NOTHING));
});

test("ConnectionMeter counts from the opening, and samples durations in nanoseconds at the close", () => {
  const meter = new ConnectionMeter({ nowMs: 0 });
  for (const nowMs of [1_000, 2_000, 3_000]) meter.opened(nowMs);
  expect(meter.snapshot(4_000)).toEqual({ ...NOTHING, count: 3, gauge: 3 });
  meter.closed(168.847294, 4_500);
  meter.closed(2_000, 4_600);
  expect(meter.snapshot(5_000)).toEqual({
    count: 3,
    gauge: 1,
    rate1: 0.6,
    rate5: 0.6,
    rate15: 0.6,
    p50: 1_084_423_647,
    p90: 2e9,
    p95: 2e9,
    p99: 2e9,
  });
  expect([meter.openedCount, meter.openCount, meter.durations.count]).toEqual([3, 1, 2]);
  expect(meter.durations.sum).toBeCloseTo(2_168.847294, 6);
});

test("ConnectionMeter passes everything on to the meter of all", () => {
  const total = new ConnectionMeter({ nowMs: 0 });
  const [first, second] = [new ConnectionMeter({ nowMs: 0, total }), new ConnectionMeter({ nowMs: 0, total })];
  first.opened(0);
  second.opened(0);
  second.closed(10, 10);
  expect(total.snapshot(5_000)).toMatchObject({ count: 2, gauge: 1, rate1: 0.4, p50: 10e6 });
  expect(first.snapshot(5_000)).toMatchObject({ count: 1, gauge: 1, rate1: 0.2, p50: 0 });
});

test("ConnectionMeter takes a duration below zero for none", () => {
  const meter = new ConnectionMeter({ nowMs: 0 });
  meter.opened(10);
  meter.closed(-5, 5);
  expect(meter.snapshot(5)).toEqual({ ...NOTHING, count: 1 });
});

test("ConnectionMeter has finite numbers, none below zero, and percentiles that rise, whatever the clock does", () => {
  const moves = fc.array(
    fc.record({ nowMs: fc.double({ noNaN: true, min: -1e12, max: 1e12 }), closes: fc.boolean() }),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(moves, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (played, random) => {
      const meter = new ConnectionMeter({ nowMs: 0, random: () => random });
      const open: number[] = [];
      for (const { nowMs, closes } of played) {
        const openedMs = closes ? open.shift() : undefined;
        if (openedMs === undefined) {
          open.push(nowMs);
          meter.opened(nowMs);
        } else meter.closed(nowMs - openedMs, nowMs);
        const shown = meter.snapshot(nowMs);
        for (const number of Object.values(shown)) expect(number).toBeWithin(0, Number.MAX_VALUE);
        const { p50, p90, p95, p99 } = shown;
        expect([p50, p90, p95, p99]).toEqual([p50, p90, p95, p99].toSorted((a, b) => a - b));
        expect(shown.gauge).toBe(open.length);
      }
    }),
    { numRuns: process.env["DEEP"] === "1" ? 3_000 : 50 },
  );
});
