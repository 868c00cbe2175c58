import { describe, expect, test } from "bun:test";
import { array, assert, integer, property } from "fast-check";
import { CallLimit, MAX_CALLS, WINDOW_MS } from "../../../src/edge/management/call-limit.ts";

const RUNS = process.env["DEEP"] === "1" ? 2_000 : 50;

describe("CallLimit", () => {
  test("CallLimit never lets more than its limit through in any window, and tells when the next call will pass", () => {
    const steps = array(integer({ min: 0, max: 2_000 }), { minLength: MAX_CALLS, maxLength: 3 * MAX_CALLS });
    assert(
      property(steps, (gaps) => {
        const limit = new CallLimit(MAX_CALLS);
        const passed: number[] = [];
        let nowMs = 0;
        for (const gap of gaps) {
          nowMs += gap;
          const waitMs = limit.waitMs("a", nowMs);
          const recent = passed.filter((atMs) => atMs > nowMs - WINDOW_MS).length;
          expect(waitMs === 0).toBe(recent < MAX_CALLS);
          if (waitMs === 0) passed.push(nowMs);
          else expect(passed.filter((atMs) => atMs > nowMs + waitMs - WINDOW_MS).length).toBeLessThan(MAX_CALLS);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test("CallLimit counts each account by itself", () => {
    const limit = new CallLimit(MAX_CALLS);
    for (let count = 0; count < MAX_CALLS; count++) expect(limit.waitMs("a", 0)).toBe(0);
    expect([limit.waitMs("a", 1), limit.waitMs("b", 1)]).toEqual([WINDOW_MS - 1, 0]);
  });
});
