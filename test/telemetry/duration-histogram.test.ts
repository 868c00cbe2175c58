import { expect, test } from "bun:test";
import { DurationHistogram } from "../../src/telemetry/duration-histogram.ts";
import { prometheusText } from "../../src/telemetry/prometheus-text.ts";
import { readExposition } from "../support/exposition.ts";

function snapshotOf(...durationsMs: readonly number[]) {
  const histogram = new DurationHistogram();
  for (const durationMs of durationsMs) histogram.add(durationMs);
  return histogram.snapshot();
}

test("DurationHistogram has empty buckets before the first value", () => {
  const { buckets, sum, count } = snapshotOf();
  expect([sum, count, buckets.every(([, below]) => below === 0)]).toEqual([0, 0, true]);
});

test.each([
  ["nothing", 0, 0.005],
  ["less than nothing", -5, 0.005],
  ["a bound itself", 5, 0.005],
  ["a little more than a bound", 5.001, 0.01],
  ["a second", 1_000, 1],
  ["the last bound", 300_000, 300],
])("DurationHistogram counts %s in its bucket and all above", (_, durationMs, bound) => {
  const { buckets, count } = snapshotOf(durationMs);
  expect(buckets.filter(([, below]) => below === 1).map(([each]) => each)).toEqual(
    buckets.map(([each]) => each).filter((each) => each >= bound),
  );
  expect(count).toBe(1);
});

test("DurationHistogram keeps what lies beyond every bound", () => {
  const { buckets, sum, count } = snapshotOf(300_001, 7);
  expect([buckets.at(-1), sum, count]).toEqual([[300, 1], 300.008, 2]);
});

test("DurationHistogram can be read as Prometheus reads it", () => {
  const histograms = [{ labels: { of: "x" }, ...snapshotOf(1, 20, 20, 400_000) }];
  const text = prometheusText([{ type: "histogram", name: "d_seconds", help: "H.", histograms }]);
  const metric = readExposition(text).get("d_seconds");
  const buckets = metric?.values.filter(({ name }) => name === "d_seconds_bucket") ?? [];
  expect(metric?.type).toBe("histogram");
  expect(buckets.slice(0, 3).map(({ labels, value }) => [labels, value])).toEqual([
    [{ of: "x", le: "0.005" }, 1],
    [{ of: "x", le: "0.01" }, 1],
    [{ of: "x", le: "0.025" }, 3],
  ]);
  expect(buckets.at(-1)).toMatchObject({ labels: { le: "+Inf" }, value: 4 });
  expect(metric?.values.slice(-2)).toMatchObject([
    { name: "d_seconds_sum", value: 400.041 },
    { name: "d_seconds_count", value: 4 },
  ]);
});
