import { describe, expect, test } from "bun:test";
import type { Question } from "./case.ts";
import { Measurements } from "./measurement.ts";
import { cpuTable, goalTable, short, valueTable } from "./report.ts";

const SPEED: Question = { name: "speed", title: "requests", unit: "per second", better: "more", cpuUnit: "request" };
const SYSTEMS = ["direct", "ginnel", "ssh"];

function measured(): Measurements {
  const all = new Measurements();
  const add = (system: string, values: readonly number[], cpuPerWork?: number): void => {
    for (const [round, value] of values.entries()) {
      all.add({ case: "speed", system, round, value, cpuSeconds: {}, cpuPerWork });
    }
  };
  add("direct", [1000, 900, 5000]);
  add("ginnel", [500, 1, 600], 0.00002);
  add("ssh", [250], 0.00004);
  return all;
}

describe("valueTable", () => {
  test("shows the middle of the rounds and the ratio of ginnel to each other system", () => {
    expect(valueTable([SPEED], SYSTEMS, measured())).toBe(
      "| case | unit | direct | ginnel | ssh | ginnel : direct | ginnel : ssh |\n" +
        "| --- | --- | --- | --- | --- | --- | --- |\n" +
        "| requests (`speed`) | per second | 1,000 | 500 | 250 | 0.50 | 2.00 |\n",
    );
  });

  test("leaves out ratios without ginnel, and cells without a measurement", () => {
    expect(valueTable([{ ...SPEED, name: "other" }], ["ssh"], measured())).toEndWith(
      "| requests (`other`) | per second |  |\n",
    );
  });
});

test("cpuTable shows microseconds per request", () => {
  expect(cpuTable([SPEED], SYSTEMS, measured())).toEndWith("| `speed` | µs per request |  | 20 | 40 |  | 0.50 |\n");
});

test("goalTable tells what is met, missed and not measured", () => {
  const goal = (kind: "at least" | "at most", reached: number | undefined) =>
    ({ title: "x", kind, measure: () => ({ reached, bound: 2 }) }) as const;
  const goals = [
    goal("at least", 2),
    goal("at least", 1),
    goal("at most", 1),
    goal("at most", 3),
    goal("at most", undefined),
  ];
  const verdicts = goalTable(goals, new Measurements())
    .split("\n")
    .slice(2, -1)
    .map((line) => line.split(" | ")[3]);
  expect(verdicts).toEqual(["met |", "**missed** |", "met |", "**missed** |", "not measured |"]);
});

test.each([
  [12345.6, "12,346"],
  [100.4, "100"],
  [12.345, "12.3"],
  [0.012345, "0.0123"],
  [2, "2"],
  [undefined, ""],
  [Number.NaN, ""],
])("short writes %p as %p", (value, expected) => {
  expect(short(value)).toBe(expected);
});
