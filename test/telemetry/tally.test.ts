import { expect, test } from "bun:test";
import { Tally } from "../../src/telemetry/tally.ts";

test("Tally counts each word, in alphabetical order", () => {
  const tally = new Tally();
  for (const word of ["b", "a", "b"]) tally.add(word);
  expect(tally.counts).toEqual([
    ["a", 1],
    ["b", 2],
  ]);
});

test("Tally counts words beyond its limit together", () => {
  const tally = new Tally();
  for (let word = 0; word < 100; word += 1) tally.add(`w${word}`);
  tally.add("w0");
  expect(tally.counts.length).toBe(65);
  expect(tally.counts.filter(([, count]) => count > 1)).toEqual([
    ["other", 36],
    ["w0", 2],
  ]);
});
