/** Writes metrics in the text exposition format of Prometheus, version 0.0.4. */

export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Names of labels are ours; values may be anything. */
export type MetricLabels = Readonly<Record<string, string>>;

export interface MetricValue {
  readonly labels?: MetricLabels;
  readonly value: number;
}

export interface MetricSummary {
  readonly labels?: MetricLabels;
  /** Shares from 0 to 1, each with the value below which that share lies. */
  readonly quantiles: readonly (readonly [share: number, value: number])[];
  readonly sum: number;
  readonly count: number;
}

export interface MetricHistogram {
  readonly labels?: MetricLabels;
  /** Upper bounds in ascending order, each with how many values lay at or below it; that of infinity is `count`. */
  readonly buckets: readonly (readonly [bound: number, count: number])[];
  readonly sum: number;
  readonly count: number;
}

/** `name` in base units: ends in `_seconds`, `_bytes`; that of a counter in `_total`. One without values is left out. */
export type Metric =
  | {
      readonly type: "counter" | "gauge";
      readonly name: string;
      readonly help: string;
      readonly values: readonly MetricValue[];
    }
  | {
      readonly type: "summary";
      readonly name: string;
      readonly help: string;
      readonly summaries: readonly MetricSummary[];
    }
  | {
      readonly type: "histogram";
      readonly name: string;
      readonly help: string;
      readonly histograms: readonly MetricHistogram[];
    };

export function gauge(name: string, help: string, values: readonly MetricValue[]): Metric {
  return { type: "gauge", name, help, values };
}

export function counter(name: string, help: string, values: readonly MetricValue[]): Metric {
  return { type: "counter", name, help, values };
}

/** One metric for those of the same name, each set of values with a label that tells them apart. */
export function joinedMetrics(label: string, sets: ReadonlyMap<string, readonly Metric[]>): readonly Metric[] {
  const joined = new Map<string, Metric>();
  for (const [text, metrics] of sets) {
    for (const metric of metrics) {
      const labelled = withLabel(metric, { [label]: text });
      const known = joined.get(metric.name);
      joined.set(metric.name, known === undefined ? labelled : together(known, labelled));
    }
  }
  return [...joined.values()];
}

function withLabel(metric: Metric, label: MetricLabels): Metric {
  const add = <V extends { readonly labels?: MetricLabels }>(values: readonly V[]): readonly V[] =>
    values.map((value) => ({ ...value, labels: { ...label, ...value.labels } }));
  if (metric.type === "summary") return { ...metric, summaries: add(metric.summaries) };
  if (metric.type === "histogram") return { ...metric, histograms: add(metric.histograms) };
  return { ...metric, values: add(metric.values) };
}

function together(one: Metric, other: Metric): Metric {
  if (one.type === "summary" && other.type === "summary") {
    return { ...one, summaries: [...one.summaries, ...other.summaries] };
  }
  if (one.type === "histogram" && other.type === "histogram") {
    return { ...one, histograms: [...one.histograms, ...other.histograms] };
  }
  if ("values" in one && "values" in other) return { ...one, values: [...one.values, ...other.values] };
  return one;
}

export function prometheusText(metrics: readonly Metric[]): string {
  return metrics.map(metricText).join("");
}

function metricText(metric: Metric): string {
  const { name, help, type } = metric;
  const lines = linesOf(metric);
  if (lines.length === 0) return "";
  return [`# HELP ${name} ${escapedHelp(help)}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

function linesOf(metric: Metric): readonly string[] {
  switch (metric.type) {
    case "counter":
    case "gauge":
      return valueLines(metric.name, metric.values);
    case "summary":
      return summaryLines(metric.name, metric.summaries);
    case "histogram":
      return histogramLines(metric.name, metric.histograms);
    default:
      return metric satisfies never;
  }
}

function valueLines(name: string, values: readonly MetricValue[]): readonly string[] {
  return values.map(({ labels, value }) => line(name, labels, value));
}

function summaryLines(name: string, summaries: readonly MetricSummary[]): readonly string[] {
  return summaries.flatMap(({ labels, quantiles, sum, count }) => [
    ...quantiles.map(([share, value]) => line(name, { ...labels, quantile: String(share) }, value)),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ]);
}

function histogramLines(name: string, histograms: readonly MetricHistogram[]): readonly string[] {
  return histograms.flatMap(({ labels, buckets, sum, count }) => [
    ...[...buckets, [Infinity, count] as const].map(([bound, below]) =>
      line(`${name}_bucket`, { ...labels, le: numberText(bound) }, below),
    ),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ]);
}

function line(name: string, labels: MetricLabels = {}, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapedLabel(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${numberText(value)}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}

function escapedHelp(text: string): string {
  return text.toWellFormed().replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapedLabel(text: string): string {
  return escapedHelp(text).replaceAll('"', '\\"');
}
