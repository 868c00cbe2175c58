/** The agent API of a real agent. Loaded when the first call comes, so that a start does not wait for it. */
import type { Hono } from "hono";
import type { Exchange } from "../../capture/exchange.ts";
import type { ExchangeRing } from "../../capture/exchange-ring.ts";
import { processUsage } from "../../telemetry/process-usage.ts";
import { prometheusText } from "../../telemetry/prometheus-text.ts";
import { agentMetrics } from "../agent-metrics.ts";
import type { Agent } from "../agent.ts";
import { replay } from "../replay.ts";
import { agentApi } from "./agent-api.ts";
import { ApiProblem } from "./api-problem.ts";
import type { ApiServices, ReplayOrder } from "./api-services.ts";
import { type OwnWebPort, refuseOpenWebPort } from "./own-web-port.ts";

export interface ApiOfAgentOptions extends Pick<ApiServices, "audience" | "config" | "clock" | "log"> {
  readonly agent: Agent;
  /** Undefined when nothing is captured. */
  readonly ring: ExchangeRing | undefined;
  readonly ownPort: OwnWebPort;
}

export function apiOfAgent(options: ApiOfAgentOptions): Hono {
  const { agent, ring, ownPort, clock } = options;
  return agentApi({
    ...options,
    startedMs: clock.nowMs() - agent.uptimeMs,
    replay: (exchange, order) => replayOn(options, exchange, order),
    prometheusText: () => prometheusText(agentMetrics(agent, processUsage(), ring)),
    refuseTunnel: (definition) => refuseOpenWebPort(definition, ownPort),
  });
}

/** Throws ApiProblem when the tunnel has stopped meanwhile, and what {@link replay} throws. */
async function replayOn(
  { agent, ring, clock }: Pick<ApiOfAgentOptions, "agent" | "ring" | "clock">,
  exchange: Exchange,
  { tunnel: { id: wanted }, changes, times }: ReplayOrder,
): Promise<void> {
  const tunnel = agent.tunnels.find(({ id }) => id === wanted);
  if (tunnel === undefined || ring === undefined) throw new ApiProblem("notFound", "the tunnel has stopped");
  await replay(exchange, { tunnel, ring, clock, changes, times });
}
