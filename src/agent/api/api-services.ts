import type { Clock } from "../../base/clock.ts";
import type { AgentConfig } from "../../config/agent-config.ts";
import type { TunnelDefinition } from "../../model/tunnel-definition.ts";
import type { Exchange } from "../../capture/exchange.ts";
import type { ExchangeRing } from "../../capture/exchange-ring.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Agent } from "../agent.ts";
import type { AgentAudience } from "../agent-audience.ts";
import type { ReplayChanges } from "../repeated-request.ts";
import type { RunningTunnel } from "./running-tunnel.ts";

/** What the agent API stands on. */
export interface ApiServices {
  readonly agent: ServedAgent;
  /** Tells what the agent does. */
  readonly audience: Pick<AgentAudience, "add">;
  /** Undefined when nothing is captured. */
  readonly ring: Pick<ExchangeRing, "newestFirst" | "find" | "clear" | "listen"> | undefined;
  /** Resolves once the repetitions were recorded; the signal ends them. Throws UsageError for what cannot be repeated. */
  readonly replay: (exchange: Exchange, order: ReplayOrder, signal: AbortSignal) => Promise<void>;
  /** The text of `/metrics`. */
  readonly prometheusText: () => string;
  /** Throws UsageError for a tunnel that may not be started from here. */
  readonly refuseTunnel: (definition: TunnelDefinition) => void;
  /** Cuts the connection that a call came by, whose caller does not take the answer. */
  readonly cut: (request: Request) => void;
  readonly config: AgentConfig;
  /** Reading of `clock` when the agent started. */
  readonly startedMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ReplayOrder {
  readonly tunnel: RunningTunnel;
  readonly changes: ReplayChanges;
  readonly times: number;
}

/** The part of an agent that is served. */
export interface ServedAgent extends Pick<Agent, "status" | "legs" | "stopTunnel"> {
  /** By name. */
  readonly tunnels: readonly RunningTunnel[];
  startTunnel(definition: TunnelDefinition): Promise<readonly RunningTunnel[]>;
}
