import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatDuration, parseDurationMs } from "../../src/base/duration.ts";

test.each([
  ["10s", 10_000],
  ["1m30s", 90_000],
  ["500ms", 500],
  ["1.5h", 5_400_000],
  ["1h0m0.5s", 3_600_500],
  ["250us", 0.25],
  ["250µs", 0.25],
  ["-2s", -2000],
  ["+2s", 2000],
  [".5s", 500],
  ["0", 0],
] as const)("parseDurationMs reads %s", (text, durationMs) => {
  expect(parseDurationMs(text)).toBe(durationMs);
});

test.each(["", "10", "s", "-", "1x", "1s ", "1 s", "1s2", "ten seconds", "1..5s"])(
  "parseDurationMs refuses %p",
  (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  },
);

test.each([
  [0, "0s"],
  [0.25, "250µs"],
  [87, "87ms"],
  [1500, "1.5s"],
  [90_000, "1m30s"],
  [3_600_000, "1h0m0s"],
  [-2000, "-2s"],
] as const)("formatDuration writes %p as Go does", (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

test("formatDuration writes what parseDurationMs reads back", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), (durationMs) => {
      expect(parseDurationMs(formatDuration(durationMs))).toBeCloseTo(durationMs, 3);
    }),
  );
});
