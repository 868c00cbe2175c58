/**
 * The edge's metrics for Prometheus: which there are, what they are called, what they mean. They are listed for people in
 * docs/metrics.md.
 */
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import { processMetrics } from "../../telemetry/process-metrics.ts";
import type { ProcessUsage } from "../../telemetry/process-usage.ts";
import { counter, gauge, type Metric, type MetricValue } from "../../telemetry/prometheus-text.ts";
import type { Tally } from "../../telemetry/tally.ts";
import type { VisitorProtocol } from "../open-visitors.ts";
import type { EdgeFigures } from "./edge-figures.ts";
import type { EdgeMeters } from "./edge-meters.ts";
import type { ProtocolTraffic } from "./protocol-traffic.ts";
import { HANDSHAKE_OUTCOMES } from "./tls-handshakes.ts";

const PROTOCOLS: readonly VisitorProtocol[] = ["http", "https", "tls", "tcp"];
/** By the first digit of the status; exchanges that were cut before any have none. */
const STATUS_CLASSES = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** Lines of a log that were lost because nobody took them, or the disk was full. */
export interface DroppedLines {
  readonly log: number;
  readonly accessLog: number | undefined;
}

/** One process of the edge. */
export interface MeasuredProcess {
  readonly figures: Pick<EdgeFigures, "visitors" | "visitorsTurnedAway">;
  readonly meters: EdgeMeters;
  readonly dropped: DroppedLines;
  /** What the store failed at, by kind. */
  readonly storeErrors: Tally;
}

/** Of the edge as a whole. */
export function edgeMetrics(figures: EdgeFigures): readonly Metric[] {
  const build = { labels: { version: PRODUCT_VERSION, bun: Bun.version }, value: 1 };
  return [gauge("ginnel_build_info", "Always 1; the labels tell what runs.", [build]), ...presentMetrics(figures)];
}

/** Of one of its processes; usually there is one. */
export function edgeProcessMetrics(
  { figures, meters, dropped, storeErrors }: MeasuredProcess,
  usage: ProcessUsage,
): readonly Metric[] {
  return [
    ...visitorMetrics(figures, meters),
    ...exchangeMetrics(meters),
    ...refusalMetrics(figures, meters),
    counter("ginnel_edge_store_errors_total", "Failures of the store.", byWord("failure", storeErrors)),
    counter("ginnel_edge_log_lines_dropped_total", "Lines of a log that were lost.", droppedLines(dropped)),
    ...processMetrics(usage),
  ];
}

function presentMetrics({ isReady, agents, legs, endpoints, silentEndpoints }: EdgeFigures): readonly Metric[] {
  return [
    gauge("ginnel_edge_ready", "Whether visitors are taken; 0 while the edge drains.", [{ value: isReady ? 1 : 0 }]),
    gauge("ginnel_edge_agents", "Agents that have a session.", [{ value: agents }]),
    gauge("ginnel_edge_sessions", "Sessions of agents.", [{ value: legs }]),
    gauge("ginnel_edge_endpoints", "Endpoints that are online.", byProtocol(endpoints)),
    gauge("ginnel_edge_endpoints_silent", "Endpoints whose agent does not answer.", [{ value: silentEndpoints }]),
  ];
}

function visitorMetrics({ visitors }: MeasuredProcess["figures"], { traffic }: EdgeMeters): readonly Metric[] {
  const each = (of: (meter: ProtocolTraffic) => number): readonly MetricValue[] =>
    PROTOCOLS.map((proto) => ({ labels: { proto }, value: of(traffic[proto]) }));
  return [
    gauge("ginnel_edge_visitors_open", "Connections of visitors that are open.", byProtocol(visitors)),
    counter(
      "ginnel_edge_visitors_total",
      "Connections of visitors.",
      each((meter) => meter.visitors),
    ),
    counter(
      "ginnel_edge_received_bytes_total",
      "Bytes from visitors.",
      each(({ bytesIn }) => bytesIn),
    ),
    counter(
      "ginnel_edge_sent_bytes_total",
      "Bytes to visitors.",
      each(({ bytesOut }) => bytesOut),
    ),
  ];
}

function exchangeMetrics(meters: EdgeMeters): readonly Metric[] {
  const statuses = STATUS_CLASSES.map((status, index) => ({ labels: { status }, value: meters.exchanges(index) }));
  return [
    counter("ginnel_edge_exchanges_total", "HTTP exchanges that have ended, by class of status.", statuses),
    {
      type: "histogram",
      name: "ginnel_edge_exchange_duration_seconds",
      help: "From the whole head of a request to the end of the response; without WebSockets and what was cut.",
      histograms: [meters.durations.snapshot()],
    },
    counter(
      "ginnel_edge_own_answers_total",
      "HTTP exchanges that the edge answered itself.",
      byWord("code", meters.ownAnswers),
    ),
    counter(
      "ginnel_edge_malformed_requests_total",
      "Requests refused because their head was not whole, or malformed.",
      [{ value: meters.malformedHeads }],
    ),
  ];
}

function refusalMetrics({ visitorsTurnedAway }: MeasuredProcess["figures"], meters: EdgeMeters): readonly Metric[] {
  const { handshakes, policyRefusals, proxyHeaderRefusals, agentRefusals } = meters;
  return [
    counter(
      "ginnel_edge_tls_handshakes_total",
      "TLS handshakes with visitors and agents.",
      HANDSHAKE_OUTCOMES.map((outcome) => ({ labels: { outcome }, value: handshakes.of(outcome) })),
    ),
    counter(
      "ginnel_edge_policy_refusals_total",
      "Visitors that a rule of an endpoint refused.",
      byWord("reason", policyRefusals),
    ),
    counter("ginnel_edge_visitors_turned_away_total", "Connections reset because there were too many.", [
      { value: visitorsTurnedAway },
    ]),
    counter(
      "ginnel_edge_proxy_header_refusals_total",
      "Connections of trusted proxies reset for their PROXY header.",
      byWord("reason", proxyHeaderRefusals),
    ),
    counter(
      "ginnel_edge_agent_refusals_total",
      "Sessions and binds of agents that were refused.",
      byWord("code", agentRefusals),
    ),
  ];
}

function byProtocol(counts: ReadonlyMap<VisitorProtocol, number>): readonly MetricValue[] {
  return PROTOCOLS.map((proto) => ({ labels: { proto }, value: counts.get(proto) ?? 0 }));
}

/** Nothing until something happened: which words there are is not known before. */
function byWord(label: string, { counts }: Tally): readonly MetricValue[] {
  return counts.map(([word, value]) => ({ labels: { [label]: word }, value }));
}

function droppedLines({ log, accessLog }: DroppedLines): readonly MetricValue[] {
  const ofAccessLog = accessLog === undefined ? [] : [{ labels: { log: "access" }, value: accessLog }];
  return [{ labels: { log: "main" }, value: log }, ...ofAccessLog];
}
