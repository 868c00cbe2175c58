/** Tunnels, sessions and settings as the agent API tells them (reference.md 3.2, 3.3, 3.5). */

/** Rates are events per second over 1, 5 and 15 minutes; percentiles of durations are nanoseconds. */
export interface Rates {
  readonly count: number;
  readonly rate1: number;
  readonly rate5: number;
  readonly rate15: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

export interface TunnelMetrics {
  readonly conns: Rates & { readonly gauge: number; readonly bytes_in?: number; readonly bytes_out?: number };
  readonly http: Rates;
}

export interface TunnelState {
  readonly name: string;
  readonly public_url: string;
  readonly proto: string;
  readonly config: { readonly addr: string; readonly inspect: boolean };
  readonly metrics: TunnelMetrics;
}

export interface AgentStatus {
  readonly status: string;
  readonly agent_version: string;
  readonly ginnel_version?: string;
  /** "1h2m3s". */
  readonly uptime?: string;
  readonly session: { readonly legs: readonly Leg[] };
}

export interface Leg {
  readonly region: string;
  /** "87ms"; "0s" until it was measured. */
  readonly latency?: string;
  readonly state?: string;
  readonly reason?: string | null;
}
