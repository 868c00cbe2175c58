import { expect, test } from "bun:test";
import { LineBudget } from "../../src/telemetry/line-budget.ts";

test("LineBudget lets so many lines through in a window, and tells with the next how many it kept back", () => {
  const budget = new LineBudget({ maxLines: 2, windowMs: 1_000 });
  expect([0, 1, 2, 999].map((atMs) => budget.take(atMs))).toEqual([0, 0, undefined, undefined]);
  expect([1_000, 1_001, 1_002].map((atMs) => budget.take(atMs))).toEqual([2, 0, undefined]);
  expect(budget.take(10_000)).toBe(1);
});
