import { expect, test } from "bun:test";
import { slope, valleys } from "./slope.ts";

test.each([
  ["of a flat line", [[0, 5], [1, 5], [2, 5]], 0], // oxfmt-ignore
  ["of a rising line", [[10, 1], [20, 3], [30, 5]], 0.2], // oxfmt-ignore
  ["of a line with noise to both sides", [[0, 1], [1, -1], [2, -1], [3, 1]], 0], // oxfmt-ignore
] as const)("slope %s", (_, points, expected) => {
  expect(slope(points)).toBeCloseTo(expected, 9);
});

test("valleys are the lowest points of each stretch", () => {
  const sawtooth = [[0, 5], [1, 9], [10, 8], [14, 6], [20, 7], [29, 5.5]] as const; // oxfmt-ignore
  expect(valleys(sawtooth, 10)).toEqual([
    [0, 5],
    [14, 6],
    [29, 5.5],
  ]);
});

test("slope of fewer than two times is unknown", () => {
  expect([slope([]), slope([[1, 1]])]).toEqual([Number.NaN, Number.NaN]);
});
