/**
 * The agent's metrics for Prometheus: which there are, what they are called, what they mean. They are listed for people in
 * docs/metrics.md.
 */
import { PRODUCT_VERSION } from "../base/product-version.ts";
import type { SampleOfValues } from "../telemetry/decaying-sample.ts";
import { processMetrics } from "../telemetry/process-metrics.ts";
import type { ProcessUsage } from "../telemetry/process-usage.ts";
import {
  counter,
  gauge,
  type Metric,
  type MetricLabels,
  type MetricSummary,
  type MetricValue,
} from "../telemetry/prometheus-text.ts";
import type { TrafficMeters } from "../telemetry/traffic-meters.ts";
import type { LegStatus } from "./session-driver.ts";

const QUANTILES = [0.5, 0.9, 0.95, 0.99];
const MS_PER_SECOND = 1_000;

export interface MeasuredTunnel {
  readonly name: string;
  readonly proto: string;
  /** Otherwise nobody counts its exchanges. Nor does anybody while capture is switched off. */
  readonly inspect: boolean;
  readonly metrics: TrafficMeters;
}

export interface MeasuredAgent {
  readonly uptimeMs: number;
  readonly legs: readonly LegStatus[];
  readonly tunnels: readonly MeasuredTunnel[];
}

/** What is kept of exchanges. */
export interface MeasuredCapture {
  readonly count: number;
  readonly memoryBytes: number;
}

/** `capture`: undefined when it is switched off. */
export function agentMetrics(
  agent: MeasuredAgent,
  usage: ProcessUsage,
  capture: MeasuredCapture | undefined,
): readonly Metric[] {
  return [
    ...programMetrics(agent),
    ...sessionMetrics(agent.legs),
    ...connectionMetrics(agent.tunnels),
    ...(capture === undefined ? [] : exchangeMetrics(agent.tunnels.filter(({ inspect }) => inspect))),
    ...(capture === undefined ? [] : captureMetrics(capture)),
    ...processMetrics(usage),
  ];
}

function programMetrics({ uptimeMs, tunnels }: MeasuredAgent): readonly Metric[] {
  const build = { labels: { version: PRODUCT_VERSION, bun: Bun.version }, value: 1 };
  return [
    gauge("ginnel_build_info", "Always 1; the labels tell what runs.", [build]),
    gauge("ginnel_agent_uptime_seconds", "Time since the agent started.", [{ value: uptimeMs / MS_PER_SECOND }]),
    gauge("ginnel_agent_tunnels", "Tunnels that run.", [{ value: tunnels.length }]),
  ];
}

function sessionMetrics(legs: readonly LegStatus[]): readonly Metric[] {
  const each = (of: (leg: LegStatus) => number | undefined): readonly MetricValue[] =>
    legs.flatMap((leg, index) => {
      const value = of(leg);
      return value === undefined ? [] : [{ labels: { leg: String(index) }, value }];
    });
  const latencySeconds = ({ latencyMs }: LegStatus): number | undefined =>
    latencyMs === undefined ? undefined : latencyMs / MS_PER_SECOND;
  const reconnects = ({ sessionCount }: LegStatus): number => Math.max(0, sessionCount - 1);
  return [
    gauge(
      "ginnel_agent_session_up",
      "Whether the agent has a session with the edge on this leg.",
      each(({ state }) => (state === "online" ? 1 : 0)),
    ),
    gauge(
      "ginnel_agent_session_latency_seconds",
      "Last round trip to the edge; absent until it was measured.",
      each(latencySeconds),
    ),
    gauge(
      "ginnel_agent_session_streams",
      "Open streams of the session: visitors, calls and heartbeats.",
      each(({ streamsOpen }) => streamsOpen),
    ),
    counter(
      "ginnel_agent_sessions_total",
      "Sessions with the edge that came about.",
      each(({ sessionCount }) => sessionCount),
    ),
    counter("ginnel_agent_reconnects_total", "Sessions that came about after one was lost.", each(reconnects)),
  ];
}

function connectionMetrics(tunnels: readonly MeasuredTunnel[]): readonly Metric[] {
  const each = (of: (meters: TrafficMeters) => number): readonly MetricValue[] =>
    tunnels.map((tunnel) => ({ labels: tunnelLabels(tunnel), value: of(tunnel.metrics) }));
  return [
    counter(
      "ginnel_tunnel_connections_total",
      "Connections of visitors that were joined to the upstream.",
      each(({ conns }) => conns.openedCount),
    ),
    gauge(
      "ginnel_tunnel_connections_open",
      "Connections of visitors that are open.",
      each(({ conns }) => conns.openCount),
    ),
    {
      type: "summary",
      name: "ginnel_tunnel_connection_duration_seconds",
      help: "How long connections of visitors were open; quantiles favour the last five minutes.",
      summaries: tunnels.map((tunnel) => summary(tunnelLabels(tunnel), tunnel.metrics.conns.durations)),
    },
    counter(
      "ginnel_tunnel_received_bytes_total",
      "Bytes from visitors.",
      each(({ bytesIn }) => bytesIn),
    ),
    counter(
      "ginnel_tunnel_sent_bytes_total",
      "Bytes to visitors.",
      each(({ bytesOut }) => bytesOut),
    ),
  ];
}

function exchangeMetrics(tunnels: readonly MeasuredTunnel[]): readonly Metric[] {
  return [
    counter(
      "ginnel_tunnel_exchanges_total",
      "HTTP requests of inspected tunnels.",
      tunnels.map((tunnel) => ({ labels: tunnelLabels(tunnel), value: tunnel.metrics.http.startedCount })),
    ),
    {
      type: "summary",
      name: "ginnel_tunnel_exchange_duration_seconds",
      help: "How long HTTP exchanges of inspected tunnels took; quantiles favour the last five minutes.",
      summaries: tunnels.map((tunnel) => summary(tunnelLabels(tunnel), tunnel.metrics.http.durations)),
    },
  ];
}

function captureMetrics({ count, memoryBytes }: MeasuredCapture): readonly Metric[] {
  return [
    gauge("ginnel_capture_exchanges", "Exchanges that are kept for inspection.", [{ value: count }]),
    gauge("ginnel_capture_bytes", "Memory that the kept exchanges take.", [{ value: memoryBytes }]),
  ];
}

function tunnelLabels({ name, proto }: MeasuredTunnel): MetricLabels {
  return { tunnel: name, proto };
}

function summary(labels: MetricLabels, durationsMs: SampleOfValues): MetricSummary {
  const { count, sum } = durationsMs;
  const values = durationsMs.percentiles(QUANTILES);
  const quantiles = QUANTILES.map((share, index) => {
    const ms = count === 0 ? undefined : values[index];
    return [share, ms === undefined ? Number.NaN : ms / MS_PER_SECOND] as const;
  });
  return { labels, quantiles, sum: sum / MS_PER_SECOND, count };
}
