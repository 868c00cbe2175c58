import type { TunnelMetrics, TunnelState } from "./tunnel.ts";

/** One reading of the meters, summed over all tunnels. */
export interface Reading {
  readonly atMs: number;
  /** HTTP requests since the start. */
  readonly requests: number;
  readonly connections: number;
  readonly open: number;
  /** Requests in the second before this reading; undefined for the first. */
  readonly requestsPerSecond: number | undefined;
  readonly connectionsPerSecond: number | undefined;
  /** The slowest tunnel's, in nanoseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Two minutes at one reading a second. */
const KEPT_READINGS = 120;

/** Appends what the meters say now, and forgets what is too old to be drawn. */
export function withReading(
  history: readonly Reading[],
  tunnels: readonly TunnelState[],
  atMs: number,
): readonly Reading[] {
  const before = history.at(-1);
  const requests = sum(tunnels, ({ http }) => http.count);
  const connections = sum(tunnels, ({ conns }) => conns.count);
  const seconds = before === undefined ? 0 : (atMs - before.atMs) / 1000;
  const perSecond = (now: number, last = now): number | undefined =>
    seconds <= 0 ? undefined : Math.max(0, now - last) / seconds;
  const reading: Reading = {
    atMs,
    requests,
    connections,
    open: sum(tunnels, ({ conns }) => conns.gauge),
    requestsPerSecond: perSecond(requests, before?.requests),
    connectionsPerSecond: perSecond(connections, before?.connections),
    p50: Math.max(0, ...tunnels.map(({ metrics }) => metrics.http.p50)),
    p99: Math.max(0, ...tunnels.map(({ metrics }) => metrics.http.p99)),
  };
  return [...history, reading].slice(-KEPT_READINGS);
}

function sum(tunnels: readonly TunnelState[], pick: (metrics: TunnelMetrics) => number): number {
  return tunnels.reduce((total, { metrics }) => total + pick(metrics), 0);
}
