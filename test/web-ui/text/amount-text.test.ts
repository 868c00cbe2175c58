import { expect, test } from "bun:test";
import { ageText, dateTimeText, durationText, sizeText, timeOfDayText } from "../../../src/web-ui/text/amount-text.ts";

test.each<[ns: number | null | undefined, text: string]>([
  [undefined, "-"],
  [null, "-"],
  [-1, "-"],
  [Number.NaN, "-"],
  [0, "0 ns"],
  [850, "850 ns"],
  [1500, "1.5 µs"],
  [999_600, "1 ms"],
  [3_893_202, "3.89 ms"],
  [87_000_000, "87 ms"],
  [999_499_999, "999 ms"],
  [999_500_000, "1 s"],
  [1_234_000_000, "1.23 s"],
  [59_940_000_000, "59.9 s"],
  [59_960_000_000, "1 min 0 s"],
  [125_000_000_000, "2 min 5 s"],
  [3_780_000_000_000, "1 h 3 min"],
])("durationText of %p is %j", (ns, text) => {
  expect(durationText(ns)).toBe(text);
});

test.each<[bytes: number | null | undefined, text: string]>([
  [undefined, "-"],
  [-1, "-"],
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1 kB"],
  [1500, "1.5 kB"],
  [999_499, "999 kB"],
  [999_500, "1 MB"],
  [12_345_678, "12.3 MB"],
  [5e9, "5 GB"],
  [5e12, "5 TB"],
])("sizeText of %p is %j", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

test.each([
  [-5, "just now"],
  [999, "just now"],
  [1000, "1 second ago"],
  [5900, "5 seconds ago"],
  [60_000, "1 minute ago"],
  [7_200_000, "2 hours ago"],
  [90_000_000, "1 day ago"],
])("ageText of %p is %j", (ageMs, text) => {
  expect(ageText(ageMs)).toBe(text);
});

test("timeOfDayText and dateTimeText are in the zone of the reader", () => {
  const time = new Date(2026, 1, 3, 4, 5, 6, 7);
  expect(timeOfDayText(time)).toBe("04:05:06.007");
  const shown = dateTimeText(time);
  expect(shown).toMatch(/^2026-02-03 04:05:06\.007 [+-]\d\d:\d\d$/);
  expect(new Date(shown.replace(" ", "T").replace(" ", "")).getTime()).toBe(time.getTime());
  expect([timeOfDayText(new Date(Number.NaN)), dateTimeText(new Date(Number.NaN))]).toEqual(["-", "-"]);
});
