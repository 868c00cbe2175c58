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

export interface ApiOfAgentOptions extends Pick<ApiServices, "audience" | "cut" | "config" | "clock" | "log"> {
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
    replay: (...call) => replayOn(options, ...call),
    prometheusText: () => prometheusText(agentMetrics(agent, processUsage(), ring)),
    refuseTunnel: (definition) => refuseOpenWebPort(definition, ownPort),
  });
}

/**
 * Goes on for as long as the tunnel runs. The end of the agent closes the web port, which ends its calls.
 * Throws ApiProblem when the tunnel has stopped, and what {@link replay} throws.
 */
async function replayOn(
  { agent, audience, ring, clock }: Pick<ApiOfAgentOptions, "agent" | "audience" | "ring" | "clock">,
  exchange: Exchange,
  { tunnel: { id: wanted }, changes, times }: ReplayOrder,
  signal: AbortSignal,
): Promise<void> {
  const tunnel = agent.tunnels.find(({ id }) => id === wanted);
  const hasStopped = new ApiProblem("notFound", "the tunnel has stopped");
  if (tunnel === undefined || ring === undefined) throw hasStopped;
  const stopped = new AbortController();
  const stopListening = audience.add({
    onStatus: () => {},
    onTunnelStarted: () => {},
    onTunnelStopped: ({ id }) => {
      if (id === wanted) stopped.abort(hasStopped);
    },
  });
  try {
    await replay(exchange, { tunnel, ring, clock, changes, times }, AbortSignal.any([signal, stopped.signal]));
  } finally {
    stopListening();
  }
}
