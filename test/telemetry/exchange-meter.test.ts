import { expect, test } from "bun:test";
import { ExchangeMeter } from "../../src/telemetry/exchange-meter.ts";

test("ExchangeMeter counts when an exchange starts, and samples when it ends", () => {
  const meter = new ExchangeMeter({ nowMs: 0 });
  meter.started(1);
  meter.started(2);
  meter.ended(7.5, 3);
  expect(JSON.stringify(meter.snapshot(5_000))).toBe(
    '{"count":2,"rate1":0.4,"rate5":0.4,"rate15":0.4,"p50":7500000,"p90":7500000,"p95":7500000,"p99":7500000}',
  );
  expect([meter.startedCount, meter.durations.count, meter.durations.sum]).toEqual([2, 1, 7.5]);
});

test("ExchangeMeter shows whole nanoseconds, also between two durations", () => {
  const meter = new ExchangeMeter({ nowMs: 0 });
  for (const durationMs of [1.0000001, 1.0000004, 2.1]) meter.ended(durationMs, 0);
  meter.ended(3.0000001, 0);
  const { p50, p99 } = meter.snapshot(0);
  expect([p50, p99]).toEqual([1_550_000, 3_000_000]);
});

test("ExchangeMeter passes everything on to the meter of all", () => {
  const total = new ExchangeMeter({ nowMs: 0 });
  const meter = new ExchangeMeter({ nowMs: 0, total });
  meter.started(0);
  meter.ended(4, 4);
  expect(total.snapshot(5_000)).toEqual(meter.snapshot(5_000));
  expect(total.snapshot(5_000)).toMatchObject({ count: 1, p99: 4e6 });
});
