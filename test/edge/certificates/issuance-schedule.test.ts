import { describe, expect, test } from "bun:test";
import { IssuanceSchedule } from "../../../src/edge/certificates/issuance-schedule.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe("IssuanceSchedule", () => {
  test("has one order at a time for the same names", () => {
    const schedule = new IssuanceSchedule();
    expect(schedule.begin("a", 0)).toEqual({ failuresBefore: 0 });
    expect(schedule.begin("a", 0)).toBeUndefined();
    schedule.succeed("a");
    expect(schedule.begin("a", 0)).toEqual({ failuresBefore: 0 });
  });

  test("has four orders at once", () => {
    const schedule = new IssuanceSchedule();
    const begun = ["a", "b", "c", "d", "e"].filter((key) => schedule.begin(key, 0) !== undefined);
    expect(begun).toEqual(["a", "b", "c", "d"]);
    schedule.succeed("b");
    expect(schedule.begin("e", 0)).toBeDefined();
  });

  test("has a hundred orders in three hours, failed ones included", () => {
    const schedule = new IssuanceSchedule();
    const orders = (fromMs: number): number => {
      let count = 0;
      for (; schedule.begin(`${fromMs} ${count}`, fromMs) !== undefined; count++) {
        if (count % 2 === 0) schedule.succeed(`${fromMs} ${count}`);
        else schedule.fail(`${fromMs} ${count}`, fromMs, 0);
      }
      return count;
    };
    expect([orders(0), orders(3 * HOUR_MS - 1), orders(3 * HOUR_MS)]).toEqual([100, 0, 100]);
  });

  test.each([
    [0, [0.5, 2, 8, 32, 128, 360, 360]],
    [0.999_999, [1, 4, 16, 64, 256, 720, 720]],
  ])("pauses longer after each failure in a row, by chance %d", (random, minutes) => {
    const schedule = new IssuanceSchedule();
    let nowMs = 0;
    const pauses = minutes.map((_, failuresBefore) => {
      expect(schedule.begin("a", nowMs)).toEqual({ failuresBefore });
      const pauseMs = schedule.fail("a", nowMs, random);
      expect(schedule.begin("a", nowMs + pauseMs - 1)).toBeUndefined();
      nowMs += pauseMs;
      return Math.round(pauseMs / MINUTE_MS / 0.5) * 0.5;
    });
    expect(pauses).toEqual(minutes);
  });

  test("lets other names go on after a failure", () => {
    const schedule = new IssuanceSchedule();
    schedule.begin("a", 0);
    schedule.fail("a", 0, 0);
    expect(schedule.begin("b", 0)).toBeDefined();
  });

  test("lets all names wait when the authority asks for it", () => {
    const schedule = new IssuanceSchedule();
    schedule.begin("a", 0);
    expect(schedule.fail("a", 0, 0, HOUR_MS)).toBe(HOUR_MS);
    expect(schedule.begin("b", HOUR_MS - 1)).toBeUndefined();
    expect(schedule.begin("b", HOUR_MS)).toBeDefined();
  });

  test("forgets failures after a success", () => {
    const schedule = new IssuanceSchedule();
    schedule.begin("a", 0);
    schedule.fail("a", 0, 0);
    schedule.begin("a", HOUR_MS);
    schedule.succeed("a");
    expect(schedule.begin("a", HOUR_MS)).toEqual({ failuresBefore: 0 });
  });
});
