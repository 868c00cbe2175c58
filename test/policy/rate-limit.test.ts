import { describe, expect, test } from "bun:test";
import { array, assert, integer, property } from "fast-check";
import { RateLimit } from "../../src/policy/rate-limit.ts";

const RUNS = process.env["DEEP"] === "1" ? 20_000 : 300;

describe("RateLimit", () => {
  test("RateLimit admits as many as its capacity and says when the next one may come", () => {
    const limit = new RateLimit({ capacity: 2, windowMs: 60_000 });
    expect([limit.take("a", 0), limit.take("a", 1), limit.take("a", 2)]).toEqual([undefined, undefined, 90]);
    expect(limit.take("b", 2)).toBeUndefined();
    expect(limit.take("a", 59_999)).toBe(31);
    expect(limit.take("a", 90_002)).toBeUndefined();
  });

  test("RateLimit admits again at the time that it named, and not more than half of it before", () => {
    assert(
      property(
        integer({ min: 1, max: 20 }),
        array(integer({ min: 0, max: 30_000 }), { maxLength: 60 }),
        (capacity, gaps) => {
          const limit = new RateLimit({ capacity, windowMs: 60_000 });
          let nowMs = 0;
          for (const gap of gaps) {
            nowMs += gap;
            const wait = limit.take("a", nowMs);
            if (wait === undefined) continue;
            nowMs += wait * 1000;
            expect(limit.take("a", nowMs)).toBeUndefined();
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  test("RateLimit forgets the kind met longest ago when there are too many", () => {
    const limit = new RateLimit({ capacity: 1, windowMs: 60_000 });
    for (let i = 0; i < 10_000; i++) limit.take(`k${i}`, 0);
    expect(limit.take("k1", 0)).toBeGreaterThan(0);
    limit.take("new", 0);
    expect(limit.take("k1", 0)).toBeGreaterThan(0);
    expect(limit.take("k0", 0)).toBeUndefined();
  });
});
