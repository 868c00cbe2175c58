import { expect, test } from "bun:test";
import { median } from "./measurement.ts";

test.each([
  ["nothing", [], undefined],
  ["one", [7], 7],
  ["two", [10, 2], 6],
  ["three", [10, 2, 3], 3],
  ["four", [10, 2, 3, 5], 4],
  ["what came never, among three", [Infinity, 2, 3], 3],
  ["what came never, among two", [Infinity, 2], Infinity],
])("median of %s", (_, values, expected) => {
  expect(median(values)).toBe(expected);
});
