import { expect, test } from "bun:test";
import { type Reading, withReading } from "../../../../../src/agent/inspector/client/data/history.ts";
import type { TunnelState } from "../../../../../src/agent/inspector/client/data/tunnel.ts";

function tunnel(requests: number, open: number, p99: number): TunnelState {
  const rates = { count: requests, rate1: 0, rate5: 0, rate15: 0, p50: 0, p90: 0, p95: 0, p99 };
  return {
    name: "web",
    public_url: "https://web.test",
    proto: "https",
    config: { addr: "http://localhost:80", inspect: true },
    metrics: { conns: { ...rates, gauge: open }, http: rates },
  };
}

test("withReading sums the tunnels, takes the slowest, and knows no rate at first", () => {
  const [reading] = withReading([], [tunnel(10, 1, 5e6), tunnel(20, 2, 7e6)], 1_000);
  expect(reading).toEqual({
    atMs: 1_000,
    requests: 30,
    connections: 30,
    open: 3,
    requestsPerSecond: undefined,
    connectionsPerSecond: undefined,
    p50: 0,
    p99: 7e6,
  });
});

test("withReading tells how many came per second since the last one", () => {
  const first = withReading([], [tunnel(10, 0, 0)], 1_000);
  expect(withReading(first, [tunnel(13, 0, 0)], 3_000).at(-1)?.requestsPerSecond).toBe(1.5);
  // The tunnel was stopped, and another started.
  expect(withReading(first, [tunnel(2, 0, 0)], 3_000).at(-1)?.requestsPerSecond).toBe(0);
});

test("withReading forgets what is older than two minutes", () => {
  let history: readonly Reading[] = [];
  for (let second = 0; second < 200; second++) history = withReading(history, [tunnel(second, 0, 0)], second * 1_000);
  expect(history).toHaveLength(120);
  expect(history.at(-1)?.requests).toBe(199);
});
