import { describe, expect, test } from "bun:test";
import { OpenLoopSchedule } from "./open-loop-schedule.ts";

const MS = 1e6;

describe("OpenLoopSchedule", () => {
  test("spreads requests evenly, and ends", () => {
    const schedule = new OpenLoopSchedule(250, 0.02);
    const due: number[] = [];
    for (; schedule.nextDueNs < Infinity; schedule.start()) due.push(schedule.nextDueNs / MS);
    expect(due).toEqual([0, 4, 8, 12, 16]);
  });

  test("counts the waiting of requests that could not start on time", () => {
    const schedule = new OpenLoopSchedule(1000, 0.004);
    // One connection, on which the first answer takes 10 ms and each further one 1 ms.
    let nowNs = 10 * MS;
    schedule.answered(schedule.start(), nowNs);
    for (; schedule.nextDueNs < Infinity; nowNs += MS) schedule.answered(schedule.start(), nowNs + MS);
    expect([...schedule.tookNs].map((ns) => ns / MS)).toEqual([10, 10, 10, 10]);
  });

  test("is complete when each request is answered, in any order", () => {
    const schedule = new OpenLoopSchedule(1000, 0.002);
    const [first, second] = [schedule.start(), schedule.start()];
    schedule.answered(second, 3 * MS);
    expect([schedule.isComplete, schedule.unanswered]).toEqual([false, 1]);
    schedule.answered(first, 4 * MS);
    expect([schedule.isComplete, schedule.unanswered]).toEqual([true, 0]);
    expect([...schedule.tookNs].map((ns) => ns / MS)).toEqual([2, 4]);
  });
});
