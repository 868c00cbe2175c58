import { describe, expect, test } from "bun:test";
import type { Question } from "./case.ts";
import type { Goal } from "./goals.ts";
import { type Measurement, Measurements } from "./measurement.ts";
import { cpuTable, goalTable, short, valueTable } from "./report.ts";

const SPEED: Question = { name: "speed", title: "requests", unit: "per second", better: "more" };
const SYSTEMS = ["direct", "ginnel", "ssh"];

function measured(): Measurements {
  const of = (system: string, values: readonly (number | null)[], cpuPerWork: number | null = null): Measurement[] =>
    values.map((speed, round) => ({
      layout: "loopback",
      case: "load",
      system,
      round,
      values: { speed },
      cpuSeconds: {},
      cpuPerWork,
    }));
  return new Measurements([
    ...of("direct", [1000, 900, 5000]),
    ...of("ginnel", [500, 1, 600], 0.00002),
    ...of("ssh", [250], 0.00004),
    ...of("haproxy", [null, null, 1]),
  ]);
}

describe("valueTable", () => {
  test("shows the middle of the rounds and the ratio of ginnel to each other system", () => {
    expect(valueTable([SPEED], SYSTEMS, measured())).toBe(
      "| case | unit | direct | ginnel | ssh | ginnel : direct | ginnel : ssh |\n" +
        "| --- | --- | --- | --- | --- | --- | --- |\n" +
        "| requests (`speed`) | per second | 1,000 | 500 | 250 | 0.50 | 2.00 |\n",
    );
  });

  test("leaves out ratios without ginnel, and rows without a measurement", () => {
    expect(valueTable([SPEED, { ...SPEED, name: "other" }], ["ssh"], measured())).toBe(
      "| case | unit | ssh |\n| --- | --- | --- |\n| requests (`speed`) | per second | 250 |\n",
    );
  });

  test("says never of what never came", () => {
    expect(valueTable([SPEED], ["ginnel", "haproxy"], measured())).toEndWith("| 500 | never |  |\n");
  });
});

test("cpuTable shows seconds per 10,000 requests", () => {
  const table = cpuTable([{ name: "load", cpuUnit: "request" }], SYSTEMS, measured());
  expect(table).toEndWith("| `load` | s per 10,000 requests |  | 0.2 | 0.4 |  | 0.50 |\n");
});

test("goalTable tells what is met, missed and not measured", () => {
  const goal = (kind: Goal["kind"], reached: number | undefined): Goal => ({
    title: "x",
    kind,
    bound: 2,
    reached: () => reached,
  });
  const goals = [
    goal("at least", 2),
    goal("at least", 1),
    goal("at most", 1),
    goal("at most", 3),
    goal("at most", undefined),
  ];
  const verdicts = goalTable(goals, new Measurements([]))
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
  [Infinity, "never"],
  [undefined, ""],
  [Number.NaN, ""],
])("short writes %p as %p", (value, expected) => {
  expect(short(value)).toBe(expected);
});
