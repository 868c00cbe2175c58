import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { type Metric, prometheusText } from "../../src/telemetry/prometheus-text.ts";
import { anyCharacter } from "../support/any-character.ts";
import { readExposition } from "../support/exposition.ts";

test("prometheusText writes the format as its description shows it", () => {
  const metrics: readonly Metric[] = [
    {
      type: "counter",
      name: "http_requests_total",
      help: "The total number of HTTP requests.",
      values: [
        { labels: { method: "post", code: "200" }, value: 1027 },
        { labels: { method: "post", code: "400" }, value: 3 },
      ],
    },
    {
      type: "gauge",
      name: "msdos_file_access_time_seconds",
      help: "Backslash \\ and\nline",
      values: [{ labels: { path: "C:\\DIR\\FILE.TXT", error: 'Cannot find file:\n"FILE.TXT"' }, value: 1.458255915e9 }],
    },
    { type: "gauge", name: "metric_without_labels", help: "", values: [{ value: 12.47 }] },
    {
      type: "summary",
      name: "rpc_duration_seconds",
      help: "A summary.",
      summaries: [
        {
          labels: { service: "a" },
          quantiles: [
            [0.5, 4773],
            [0.99, Number.NaN],
          ],
          sum: 1.7560473e7,
          count: 2693,
        },
        { quantiles: [], sum: 0, count: 0 },
      ],
    },
  ];
  expect(prometheusText(metrics)).toBe(String.raw`# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027
http_requests_total{method="post",code="400"} 3
# HELP msdos_file_access_time_seconds Backslash \\ and\nline
# TYPE msdos_file_access_time_seconds gauge
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1458255915
# HELP metric_without_labels 
# TYPE metric_without_labels gauge
metric_without_labels 12.47
# HELP rpc_duration_seconds A summary.
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{service="a",quantile="0.5"} 4773
rpc_duration_seconds{service="a",quantile="0.99"} NaN
rpc_duration_seconds_sum{service="a"} 17560473
rpc_duration_seconds_count{service="a"} 2693
rpc_duration_seconds_sum 0
rpc_duration_seconds_count 0
`);
});

test.each([
  [0, "0"],
  [-0, "0"],
  [1e21, "1e+21"],
  [5e-324, "5e-324"],
  [Infinity, "+Inf"],
  [-Infinity, "-Inf"],
  [Number.NaN, "NaN"],
])("prometheusText writes %d as %s", (value, text) => {
  expect(prometheusText([{ type: "gauge", name: "n", help: "h", values: [{ value }] }])).toEndWith(`\nn ${text}\n`);
});

test("prometheusText leaves a metric without values out", () => {
  const nothing: readonly Metric[] = [
    { type: "gauge", name: "n", help: "h", values: [] },
    { type: "summary", name: "s", help: "h", summaries: [] },
  ];
  expect(prometheusText(nothing)).toBe("");
});

test("prometheusText can be read back, whatever help, labels and values are", () => {
  const text = fc.string({ unit: anyCharacter, maxLength: 20 });
  const value = fc.record({ labels: fc.record({ a: text, b: text }), value: fc.double() });
  fc.assert(
    fc.property(text, fc.array(value, { minLength: 1, maxLength: 5 }), (help, values) => {
      const written = prometheusText([{ type: "gauge", name: "ginnel_x", help, values }]);
      const read = readExposition(written).get("ginnel_x");
      expect(read).toEqual({
        help: help.toWellFormed(),
        type: "gauge",
        values: values.map(({ labels, value: number }) => ({
          name: "ginnel_x",
          labels: { a: labels.a.toWellFormed(), b: labels.b.toWellFormed() },
          value: number === 0 ? 0 : number,
        })),
      });
    }),
    { numRuns: process.env["DEEP"] === "1" ? 20_000 : 300 },
  );
});
