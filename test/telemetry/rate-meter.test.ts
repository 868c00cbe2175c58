import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RateMeter } from "../../src/telemetry/rate-meter.ts";

const DEEP = process.env["DEEP"] === "1";
const MINUTE_MS = 60_000;
const TICK_MS = 5_000;

/** What exponentially weighted rates are after minutes of silence, known from load averages: 0.6 * e^(-minutes / window). */
const THREE_EVENTS_THEN_SILENCE = [
  [0, 0.6, 0.6, 0.6],
  [1, 0.22072766, 0.49123845, 0.56130419],
  [2, 0.08120117, 0.40219203, 0.52510399],
  [3, 0.02987224, 0.32928698, 0.49123845],
  [5, 0.00404277, 0.22072766, 0.42991879],
  [10, 0.00002724, 0.08120117, 0.30805027],
  [15, 0.00000018, 0.02987224, 0.22072766],
] as const;

describe.each([
  ["asked once", 15 * MINUTE_MS],
  ["asked each second", 1_000],
])("RateMeter, %s,", (_, stepMs) => {
  test.each(THREE_EVENTS_THEN_SILENCE)(
    "RateMeter decays %d minutes after three events in its first tick",
    (minutes, rate1, rate5, rate15) => {
      const meter = new RateMeter(0);
      for (let i = 0; i < 3; i++) meter.mark(1_000 * i);
      const endMs = TICK_MS + minutes * MINUTE_MS;
      for (let nowMs = 2_000; nowMs < endMs; nowMs += stepMs) meter.rates(nowMs);
      const rates = meter.rates(endMs);
      expect(rates.rate1).toBeCloseTo(rate1, 8);
      expect(rates.rate5).toBeCloseTo(rate5, 8);
      expect(rates.rate15).toBeCloseTo(rate15, 8);
    },
  );
});

test("RateMeter shows no rate before the first tick is over, but counts at once", () => {
  const meter = new RateMeter(100);
  meter.mark(200);
  expect(meter.count).toBe(1);
  expect(meter.rates(5_099)).toEqual({ rate1: 0, rate5: 0, rate15: 0 });
  expect(meter.rates(5_100)).toEqual({ rate1: 0.2, rate5: 0.2, rate15: 0.2 });
});

test("RateMeter that was idle at first rises slowly, that of 15 minutes the slowest", () => {
  const meter = new RateMeter(0);
  for (let nowMs = MINUTE_MS; nowMs < 2 * MINUTE_MS; nowMs += 100) meter.mark(nowMs);
  const { rate1, rate5, rate15 } = meter.rates(2 * MINUTE_MS);
  // Ten a second, for a minute: 10 * (1 - e^(-1 / window)).
  expect(rate1).toBeCloseTo(6.3212, 4);
  expect(rate5).toBeCloseTo(1.8127, 4);
  expect(rate15).toBeCloseTo(0.6449, 4);
});

test("RateMeter of a steady rate shows that rate", () => {
  const meter = new RateMeter(0);
  for (let nowMs = 0; nowMs < 60 * MINUTE_MS; nowMs += 500) meter.mark(nowMs);
  const { rate1, rate5, rate15 } = meter.rates(60 * MINUTE_MS);
  expect([rate1, rate5, rate15].map((rate) => rate.toFixed(9))).toEqual(Array(3).fill("2.000000000"));
});

test("RateMeter goes on after the clock went back, and forgets after it leapt", () => {
  const meter = new RateMeter(1e9);
  for (let i = 0; i < 10; i++) meter.mark(1e9 + i);
  meter.mark(0);
  expect(meter.rates(TICK_MS).rate1).toBeCloseTo(11 / 5, 12);
  const { rate1, rate15 } = meter.rates(365 * 24 * 60 * MINUTE_MS);
  expect([rate1, rate15]).toEqual([0, 0]);
  expect(meter.count).toBe(11);
});

test.each([Number.NaN, Infinity, -Infinity])("RateMeter stays finite when the clock says %d", (nowMs) => {
  const meter = new RateMeter(0);
  meter.mark(0);
  meter.mark(nowMs);
  for (const at of [nowMs, 10_000, nowMs, 20_000]) {
    for (const rate of Object.values(meter.rates(at))) expect(rate).toBeWithin(0, 1);
  }
  expect(meter.count).toBe(2);
});

interface Step {
  readonly afterMs: number;
  readonly events: number;
}

const steps = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.constantFrom(0, TICK_MS - 1, TICK_MS, TICK_MS + 1)),
    events: fc.integer({ min: 0, max: 50 }),
  }),
  { maxLength: 60 },
);

/** As a timer would do it: tick after tick. */
function tickedRate(events: readonly number[], endMs: number, windowMs: number): number {
  const kept = Math.exp(-TICK_MS / windowMs);
  let rate = 0;
  for (let tick = 0; (tick + 1) * TICK_MS <= endMs; tick++) {
    const within = events.filter((atMs) => Math.floor(atMs / TICK_MS) === tick).length;
    const current = within / (TICK_MS / 1_000);
    rate = tick === 0 ? current : rate * kept + current * (1 - kept);
  }
  return rate;
}

function play(
  meter: RateMeter,
  played: readonly Step[],
): { readonly events: readonly number[]; readonly endMs: number } {
  const events: number[] = [];
  let nowMs = 0;
  for (const { afterMs, events: count } of played) {
    nowMs += afterMs;
    for (let i = 0; i < count; i++) {
      meter.mark(nowMs);
      events.push(nowMs);
    }
    if (count % 3 === 0) meter.rates(nowMs);
  }
  return { events, endMs: nowMs };
}

test("RateMeter says what a timer would have said, whenever it is asked", () => {
  fc.assert(
    fc.property(steps, (played) => {
      const meter = new RateMeter(0);
      const { events, endMs } = play(meter, played);
      const { rate1, rate5, rate15 } = meter.rates(endMs);
      expect(rate1).toBeCloseTo(tickedRate(events, endMs, MINUTE_MS), 9);
      expect(rate5).toBeCloseTo(tickedRate(events, endMs, 5 * MINUTE_MS), 9);
      expect(rate15).toBeCloseTo(tickedRate(events, endMs, 15 * MINUTE_MS), 9);
    }),
    { numRuns: DEEP ? 5_000 : 100 },
  );
});

test("RateMeter has rates from 0 to the most that came in a tick, whatever the clock does", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { maxLength: 40 }), (times) => {
      const meter = new RateMeter(0);
      for (const nowMs of times) {
        meter.mark(nowMs);
        for (const rate of Object.values(meter.rates(nowMs))) expect(rate).toBeWithin(0, times.length + 1);
      }
      expect(meter.count).toBe(times.length);
    }),
    { numRuns: DEEP ? 20_000 : 300 },
  );
});
