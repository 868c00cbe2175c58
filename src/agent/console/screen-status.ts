import type { Exchange } from "../../capture/exchange.ts";
import type { ConnectionMetrics } from "../../telemetry/connection-meter.ts";
import type { AgentStatus } from "../agent.ts";

/** Everything that the screen shows, at one moment. Texts are as they came: whoever shows them makes them printable. */
export interface ScreenStatus {
  /** The name that the user called. */
  readonly program: string;
  /** Of the edge to its agents, and about tunnels that it took away; the newest last. */
  readonly messages: readonly string[];
  readonly session: AgentStatus;
  /** Undefined for a session that does not end by itself. */
  readonly expiresInMs: number | undefined;
  /** Empty where the edge tells no name, or no plan. */
  readonly account: { readonly name: string; readonly plan: string };
  readonly version: string;
  /** `http://127.0.0.1:4040`; undefined when it is off. */
  readonly webUrl: string | undefined;
  readonly forwardings: readonly Forwarding[];
  /** Of all tunnels. */
  readonly connections: Pick<ConnectionMetrics, "count" | "gauge" | "rate1" | "rate5" | "p50" | "p90">;
  /** Newest first; undefined when nothing is captured. */
  readonly exchanges: readonly ShownExchange[] | undefined;
}

export interface Forwarding {
  readonly url: string;
  readonly address: string;
}

export type ShownExchange = Pick<Exchange, "startedAt" | "outcome"> & {
  readonly request: Pick<Exchange["request"], "method" | "target">;
  readonly response: Pick<NonNullable<Exchange["response"]>, "statusCode" | "status"> | undefined;
};
