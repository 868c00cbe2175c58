import { expect, test } from "bun:test";
import { percentile } from "./percentile.ts";

const HUNDRED = Array.from({ length: 100 }, (_, index) => 100 - index);

test.each([
  ["the middle of a hundred", HUNDRED, 0.5, 50],
  ["99 of a hundred", HUNDRED, 0.99, 99],
  ["999 of a thousand, of a hundred", HUNDRED, 0.999, 100],
  ["the least", HUNDRED, 0, 1],
  ["the most", HUNDRED, 1, 100],
  ["the middle of one", [7], 0.5, 7],
  ["the middle of an even number", [3, 1, 2, 10], 0.5, 2],
  ["the middle of nothing", [], 0.5, Number.NaN],
])("percentile tells %s", (_, values, share, expected) => {
  expect(percentile(values, share)).toBe(expected);
});
