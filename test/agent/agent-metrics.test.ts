import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { agentMetrics, type MeasuredAgent, type MeasuredTunnel } from "../../src/agent/agent-metrics.ts";
import { PRODUCT_VERSION } from "../../src/base/product-version.ts";
import { prometheusText } from "../../src/telemetry/prometheus-text.ts";
import { TrafficMeters } from "../../src/telemetry/traffic-meters.ts";
import { readExposition } from "../support/exposition.ts";

const USAGE = { cpuSeconds: 1.5, residentBytes: 50e6, openDescriptors: 20, startedAtSeconds: 1.7e9 };
const LEG = {
  state: "online",
  reason: undefined,
  region: "eu",
  latencyMs: 87,
  streamsOpen: 3,
  sessionCount: 3,
} as const;
const QUIET: MeasuredAgent = { uptimeMs: 90_500, legs: [LEG], tunnels: [] };
const CAPTURE = { count: 2, memoryBytes: 4096 };

function tunnel(name: string, inspect = true): MeasuredTunnel {
  return { name, proto: "https", inspect, metrics: new TrafficMeters(0) };
}

function visited(name: string): MeasuredTunnel {
  const made = tunnel(name);
  const { conns, http } = made.metrics;
  for (let i = 0; i < 3; i++) conns.opened(0);
  conns.closed(2_500, 2_500);
  made.metrics.received(300);
  made.metrics.sent(7_000);
  http.started(0);
  http.started(1);
  http.ended(100, 100);
  http.ended(300, 301);
  return made;
}

interface Options {
  readonly agent?: Partial<MeasuredAgent>;
  readonly usage?: Partial<typeof USAGE> | { readonly openDescriptors: undefined };
  readonly capture?: typeof CAPTURE | undefined;
}

function exposed(options: Options = {}) {
  const { agent, usage } = options;
  const capture = "capture" in options ? options.capture : CAPTURE;
  return readExposition(prometheusText(agentMetrics({ ...QUIET, ...agent }, { ...USAGE, ...usage }, capture)));
}

/** Label values and number of each line of a metric. */
function lines(metrics: ReturnType<typeof exposed>, name: string): readonly unknown[] | undefined {
  return metrics.get(name)?.values.map(({ labels, value }) => Object.values<unknown>(labels).concat(value));
}

describe("agentMetrics", () => {
  test.each([
    ["ginnel_build_info", [[PRODUCT_VERSION, Bun.version, 1]]],
    ["ginnel_agent_uptime_seconds", [[90.5]]],
    ["ginnel_agent_tunnels", [[2]]],
    ["ginnel_agent_session_up", [["0", 1]]],
    ["ginnel_agent_session_latency_seconds", [["0", 0.087]]],
    ["ginnel_agent_session_streams", [["0", 3]]],
    ["ginnel_agent_sessions_total", [["0", 3]]],
    ["ginnel_agent_reconnects_total", [["0", 2]]],
    ["ginnel_tunnel_connections_total", both(3, 0)],
    ["ginnel_tunnel_connections_open", both(2, 0)],
    ["ginnel_tunnel_received_bytes_total", both(300, 0)],
    ["ginnel_tunnel_sent_bytes_total", both(7_000, 0)],
    ["ginnel_tunnel_exchanges_total", both(2, 0)],
    ["ginnel_capture_exchanges", [[2]]],
    ["ginnel_capture_bytes", [[4096]]],
    ["process_cpu_seconds_total", [[1.5]]],
    ["process_resident_memory_bytes", [[50e6]]],
    ["process_open_fds", [[20]]],
    ["process_start_time_seconds", [[1.7e9]]],
  ])("agentMetrics has %s", (name, expected) => {
    expect(lines(exposed({ agent: { tunnels: [visited("web"), tunnel("api")] } }), name)).toEqual(expected);
  });

  test("agentMetrics shows durations as summaries in seconds, and no quantile where nothing ended", () => {
    const metrics = exposed({ agent: { tunnels: [visited("web"), tunnel("api")] } });
    expect(lines(metrics, "ginnel_tunnel_exchange_duration_seconds")).toEqual([
      ["web", "https", "0.5", 0.2],
      ["web", "https", "0.9", 0.3],
      ["web", "https", "0.95", 0.3],
      ["web", "https", "0.99", 0.3],
      ["web", "https", 0.4],
      ["web", "https", 2],
      ...["0.5", "0.9", "0.95", "0.99"].map((share) => ["api", "https", share, Number.NaN]),
      ["api", "https", 0],
      ["api", "https", 0],
    ]);
    expect(lines(metrics, "ginnel_tunnel_connection_duration_seconds")?.slice(3, 6)).toEqual([
      ["web", "https", "0.99", 2.5],
      ["web", "https", 2.5],
      ["web", "https", 1],
    ]);
  });

  test.each([
    ["an agent before its first session", { state: "connecting", latencyMs: undefined, sessionCount: 0 }, [0, 0, 0]],
    ["a session just up", { state: "online", latencyMs: undefined, sessionCount: 1 }, [1, 1, 0]],
    ["a lost session", { state: "reconnecting", latencyMs: undefined, sessionCount: 5 }, [0, 5, 4]],
  ] as const)("agentMetrics of %s has no latency", (_, leg, expected) => {
    const metrics = exposed({ agent: { legs: [{ ...LEG, ...leg }] } });
    const names = ["ginnel_agent_session_up", "ginnel_agent_sessions_total", "ginnel_agent_reconnects_total"];
    expect(names.map((name) => metrics.get(name)?.values[0]?.value)).toEqual([...expected]);
    expect(metrics.has("ginnel_agent_session_latency_seconds")).toBe(false);
  });

  test("agentMetrics claims no exchanges of tunnels that nobody reads", () => {
    const tunnels = [tunnel("plain", false), tunnel("web")];
    expect(lines(exposed({ agent: { tunnels } }), "ginnel_tunnel_exchanges_total")).toEqual([["web", "https", 0]]);
    const names = [...exposed({ agent: { tunnels }, capture: undefined }).keys()];
    expect(names.filter((name) => /exchange|capture/.test(name))).toEqual([]);
    expect(names).toContain("ginnel_tunnel_connections_total");
  });

  test("agentMetrics leaves descriptors out where the system does not say", () => {
    expect(exposed({ usage: { openDescriptors: undefined } }).has("process_open_fds")).toBe(false);
  });

  test("agentMetrics keeps to the conventions for names, and explains each", () => {
    for (const [name, { type, help }] of exposed({ agent: { tunnels: [visited("web")] } })) {
      expect(name).toMatch(/^(ginnel|process)(_[a-z]+)+$/);
      expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
      expect(name).not.toMatch(/_(ms|milliseconds|nanoseconds|kb|mb)(_|$)/);
      expect(help).toMatch(/^[A-Z].*\.$/);
    }
  });

  test("agentMetrics is listed in the documentation, name by name", async () => {
    const guide = await Bun.file(join(import.meta.dir, "../../docs/metrics.md")).text();
    const ofAgent = guide.slice(0, guide.indexOf("\n## Of an edge"));
    const documented = [...ofAgent.matchAll(/^\| `((?:ginnel|process)_\w+)`/gm)].map(([, name]) => name);
    expect(documented).toEqual([...exposed({ agent: { tunnels: [visited("web")] } }).keys()]);
  });

  test("agentMetrics keeps a hostile name of a tunnel inside its label", () => {
    const name = 'x"} 1\nginnel_agent_tunnels 99\\';
    const metrics = exposed({ agent: { tunnels: [tunnel(name)] } });
    expect(lines(metrics, "ginnel_tunnel_connections_total")).toEqual([[name, "https", 0]]);
    expect(lines(metrics, "ginnel_agent_tunnels")).toEqual([[1]]);
  });
});

function both(web: number, api: number): readonly unknown[] {
  return [
    ["web", "https", web],
    ["api", "https", api],
  ];
}
