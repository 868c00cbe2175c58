import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { PRODUCT_VERSION } from "../../../src/base/product-version.ts";
import type { EdgeFigures } from "../../../src/edge/operations/edge-figures.ts";
import { EdgeMeters } from "../../../src/edge/operations/edge-meters.ts";
import { type DroppedLines, edgeMetrics, edgeProcessMetrics } from "../../../src/edge/operations/edge-metrics.ts";
import type { Exchange } from "../../../src/edge/visitors/exchange.ts";
import { TlsHandshakeError } from "../../../src/net/tls-handshake-error.ts";
import { prometheusText } from "../../../src/telemetry/prometheus-text.ts";
import { Tally } from "../../../src/telemetry/tally.ts";
import { readExposition } from "../../support/exposition.ts";

const USAGE = { cpuSeconds: 1.5, residentBytes: 50e6, openDescriptors: 20, startedAtSeconds: 1.7e9 };
const FIGURES: EdgeFigures = {
  isReady: true,
  agents: 2,
  legs: 3,
  endpoints: new Map([["https", 4]]),
  silentEndpoints: 1,
  visitors: new Map([["tcp", 5]]),
  visitorsTurnedAway: 6,
};

function exposed(meters: EdgeMeters, dropped: DroppedLines = { log: 1, accessLog: 2 }) {
  const storeErrors = new Tally();
  storeErrors.add("gone");
  const ofProcess = edgeProcessMetrics({ figures: FIGURES, meters, dropped, storeErrors }, USAGE);
  return readExposition(prometheusText([...edgeMetrics(FIGURES), ...ofProcess]));
}

/** Label values and number of each line of a metric. */
function lines(metrics: ReturnType<typeof exposed>, name: string): readonly unknown[] | undefined {
  return metrics.get(name)?.values.map(({ labels, value }) => Object.values<unknown>(labels).concat(value));
}

function done(meters: EdgeMeters, facts: Partial<Exchange>, nowMs = 0): void {
  meters.onExchangeDone({ status: 0, outcome: "cut", startedMs: 0, ...facts } as Exchange, nowMs); // what meters read
}

function used(): EdgeMeters {
  const meters = new EdgeMeters();
  done(meters, { status: 200, outcome: "answered" }, 40);
  done(meters, { status: 404, outcome: "ERR_NGROK_3200" }, 1);
  done(meters, { status: 401, outcome: "unauthorized", refusedBy: "basic_auth" }, 1);
  done(meters, { status: 101, outcome: "upgraded" }, 3_600_000);
  done(meters, {}, 3_600_000);
  meters.onConnectionDone({ refusedBy: "restrict_ips" });
  meters.onConnectionDone({ refusedBy: undefined });
  meters.onMalformedHead();
  meters.traffic.http.onVisitor();
  meters.traffic.http.received(10);
  meters.traffic.tls.sent(20);
  meters.handshakes.add("done");
  meters.handshakes.add("unknown_name");
  meters.handshakes.addFailure(new TlsHandshakeError("ETIMEDOUT", "late"));
  meters.handshakes.addFailure(new TlsHandshakeError("ECONNRESET", "gone"));
  meters.agentRefusals.add("ERR_NGROK_107");
  meters.proxyHeaderRefusals.add("late");
  return meters;
}

describe("edgeMetrics", () => {
  test.each([
    ["ginnel_build_info", [[PRODUCT_VERSION, Bun.version, 1]]],
    ["ginnel_edge_ready", [[1]]],
    ["ginnel_edge_agents", [[2]]],
    ["ginnel_edge_sessions", [[3]]],
    ["ginnel_edge_endpoints", byProtocol(0, 4, 0, 0)],
    ["ginnel_edge_endpoints_silent", [[1]]],
    ["ginnel_edge_visitors_open", byProtocol(0, 0, 0, 5)],
    ["ginnel_edge_visitors_total", byProtocol(1, 0, 0, 0)],
    ["ginnel_edge_received_bytes_total", byProtocol(10, 0, 0, 0)],
    ["ginnel_edge_sent_bytes_total", byProtocol(0, 0, 20, 0)],
    [
      "ginnel_edge_exchanges_total",
      [
        ["none", 1],
        ["1xx", 1],
        ["2xx", 1],
        ["3xx", 0],
        ["4xx", 2],
        ["5xx", 0],
      ],
    ],
    [
      "ginnel_edge_own_answers_total",
      [
        ["ERR_NGROK_3200", 1],
        ["unauthorized", 1],
      ],
    ],
    ["ginnel_edge_malformed_requests_total", [[1]]],
    [
      "ginnel_edge_tls_handshakes_total",
      [
        ["done", 1],
        ["failed", 1],
        ["timeout", 1],
        ["unknown_name", 1],
        ["not_tls", 0],
      ],
    ],
    [
      "ginnel_edge_policy_refusals_total",
      [
        ["basic_auth", 1],
        ["restrict_ips", 1],
      ],
    ],
    ["ginnel_edge_visitors_turned_away_total", [[6]]],
    ["ginnel_edge_proxy_header_refusals_total", [["late", 1]]],
    ["ginnel_edge_store_errors_total", [["gone", 1]]],
    ["ginnel_edge_agent_refusals_total", [["ERR_NGROK_107", 1]]],
    [
      "ginnel_edge_log_lines_dropped_total",
      [
        ["main", 1],
        ["access", 2],
      ],
    ],
    ["process_cpu_seconds_total", [[1.5]]],
  ])("edgeMetrics has %s", (name, expected) => {
    expect(lines(exposed(used()), name)).toEqual(expected);
  });

  test("edgeMetrics has durations of what was answered, and of nothing else", () => {
    const values = exposed(used()).get("ginnel_edge_exchange_duration_seconds")?.values.slice(-2);
    expect(values?.map(({ value }) => value)).toEqual([0.042, 3]);
  });

  test("edgeMetrics says nothing of an access log that is not there", () => {
    const metrics = exposed(new EdgeMeters(), { log: 0, accessLog: undefined });
    expect(lines(metrics, "ginnel_edge_log_lines_dropped_total")).toEqual([["main", 0]]);
  });

  test("edgeMetrics takes a status beyond the classes for one of the last", () => {
    const meters = new EdgeMeters();
    done(meters, { status: 999, outcome: "answered" });
    expect(lines(exposed(meters), "ginnel_edge_exchanges_total")?.at(-1)).toEqual(["5xx", 1]);
  });

  test("edgeMetrics keeps to the conventions for names, and explains each", () => {
    for (const [name, { type, help }] of exposed(used())) {
      expect(name).toMatch(/^(ginnel|process)(_[a-z]+)+$/);
      expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
      expect(help).toMatch(/^[A-Z].*\.$/);
    }
  });

  test("edgeMetrics is listed in the documentation, name by name", async () => {
    const guide = await Bun.file(join(import.meta.dir, "../../../docs/metrics.md")).text();
    const ofEdge = guide.slice(guide.indexOf("\n## Of an edge"));
    const documented = [...ofEdge.matchAll(/^\| `((?:ginnel|process)_\w+)`/gm)].map(([, name]) => name);
    expect(documented).toEqual([...exposed(used()).keys()]);
  });
});

function byProtocol(...values: readonly number[]): readonly unknown[] {
  return ["http", "https", "tls", "tcp"].map((proto, index) => [proto, values[index]]);
}
