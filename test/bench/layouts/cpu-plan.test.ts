import { expect, test } from "bun:test";
import { cpuNumbers, cpuPlan, pinnedTo } from "./cpu-plan.ts";

test.each([
  [[0], [], []],
  [[0, 1], [0], [1]],
  [[2, 5, 7], [2], [5, 7]],
  [
    [0, 1, 2, 3],
    [0, 1],
    [2, 3],
  ],
])("cpuPlan of %p keeps system and load apart", (allowed, system, load) => {
  expect(cpuPlan(allowed)).toEqual({ system, load });
});

test.each([
  ["0", [0]],
  ["0-3", [0, 1, 2, 3]],
  ["0-1,8,10-11", [0, 1, 8, 10, 11]],
])("cpuNumbers reads %p", (list, expected) => {
  expect(cpuNumbers(list)).toEqual(expected);
});

test("pinnedTo needs no words where nothing is pinned", () => {
  expect([pinnedTo([]), pinnedTo([1, 2])]).toEqual([[], ["taskset", "--cpu-list", "1,2"]]);
});
