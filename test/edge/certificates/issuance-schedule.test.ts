import { describe, expect, test } from "bun:test";
import { IssuanceSchedule, type OrderShare } from "../../../src/edge/certificates/issuance-schedule.ts";

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

  describe("for accounts", () => {
    /** How many of a hundred are begun, each ended at once. */
    const begun = (schedule: IssuanceSchedule, share: OrderShare, name: string): number => {
      let count = 0;
      for (let at = 0; at < 100; at++) {
        if (schedule.begin(`${name} ${at}`, 0, share) === undefined) continue;
        schedule.succeed(`${name} ${at}`);
        count += 1;
      }
      return count;
    };
    const of = (accountId: string | undefined, isRenewal = false): OrderShare => ({ accountId, isRenewal });

    test("leaves room for other accounts, for renewals, and for the edge itself", () => {
      const schedule = new IssuanceSchedule();
      const accounts = ["a", "b", "c", "d", "e"].map((accountId) => begun(schedule, of(accountId), accountId));
      expect(accounts).toEqual([20, 20, 20, 20, 0]);
      expect(begun(schedule, of("e", true), "renewal")).toBe(10);
      expect(begun(schedule, of(undefined, true), "another renewal")).toBe(0);
      expect(begun(schedule, of(undefined), "own")).toBe(10);
    });

    test("has two orders of an account at once, and always room for one of the edge", () => {
      const schedule = new IssuanceSchedule();
      const shares = [of("a"), of("a"), of("a"), of("b"), of("b"), of("c", true), of(undefined), of(undefined)];
      const isBegun = shares.map((share, at) => schedule.begin(String(at), 0, share) !== undefined);
      expect(isBegun).toEqual([true, true, false, true, false, false, true, false]);
    });

    test("gives back what another node saw to", () => {
      const schedule = new IssuanceSchedule();
      for (let at = 0; at < 60; at++) {
        expect(schedule.begin(String(at), 0, of("a"))).toBeDefined();
        schedule.leave(String(at), 1);
      }
    });
  });
});
