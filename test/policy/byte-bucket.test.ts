import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ByteBucket } from "../../src/policy/byte-bucket.ts";

describe("ByteBucket", () => {
  test("has a tenth of a second at first, and the rate from then on", () => {
    const bucket = new ByteBucket(1_000, 0);
    expect(bucket.available(0)).toBe(100);
    bucket.take(100);
    expect([bucket.available(0), bucket.available(50), bucket.available(1_000_000)]).toEqual([0, 50, 100]);
  });

  test("owes what was taken beyond", () => {
    const bucket = new ByteBucket(1_000, 0);
    bucket.take(1_100);
    expect([bucket.available(1_000), bucket.available(1_010)]).toEqual([0, 10]);
  });

  test("says when it is worth to ask again", () => {
    const bucket = new ByteBucket(1_000, 0);
    expect(bucket.waitMs(0)).toBe(0);
    bucket.take(100);
    expect([bucket.waitMs(0), bucket.waitMs(15), bucket.waitMs(20)]).toEqual([20, 5, 0]);
    expect(new ByteBucket(0, 0).waitMs(0)).toBe(0);
  });

  test("gives a slow rate its single bytes, and nothing for nothing", () => {
    const slow = new ByteBucket(0.5, 0);
    slow.take(1);
    expect([slow.waitMs(0), slow.available(1_999), slow.available(2_000)]).toEqual([2_000, 0, 1]);
    const none = new ByteBucket(0, 0);
    none.take(1);
    expect([none.waitMs(0), none.available(1e9)]).toEqual([Infinity, 0]);
  });

  test("goes on at another rate with what it has", () => {
    const bucket = new ByteBucket(1_000, 0);
    bucket.take(100);
    bucket.setRate(10_000, 10);
    expect([bucket.available(10), bucket.available(11)]).toEqual([10, 20]);
    bucket.setRate(100, 11);
    expect(bucket.available(11)).toBe(10);
  });

  test("gives no more than its rate over any time, and no less to who always wants more", () => {
    const steps = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 20, maxLength: 100 });
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 1_000_000 }), steps, (rate, waits) => {
        const bucket = new ByteBucket(rate, 0);
        let [nowMs, had, lost] = [0, 0, 0];
        for (const waitMs of waits) {
          nowMs += waitMs;
          lost += Math.max(0, waitMs - 100);
          const free = bucket.available(nowMs);
          bucket.take(free);
          had += free;
        }
        expect(had).toBeLessThanOrEqual((rate * nowMs) / 1000 + rate * 0.1 + 1);
        // Of what did not fit a part of a byte may have been there already.
        expect(had).toBeGreaterThanOrEqual((rate * (nowMs - lost)) / 1000 - waits.length);
      }),
      { numRuns: process.env["DEEP"] === "1" ? 20_000 : 300 },
    );
  });
});
