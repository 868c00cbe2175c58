/** The web port of an agent: what is captured, who listens, and what is answered there. */
import type { AgentAudience } from "../agent/agent-audience.ts";
import type { Agent } from "../agent/agent.ts";
import { type OwnWebPort, refuseOpenWebPort } from "../agent/api/own-web-port.ts";
import { startWebService } from "../agent/api/web-service.ts";
import type { Clock } from "../base/clock.ts";
import { formatHostPort } from "../base/host-port.ts";
import { ExchangeRing } from "../capture/exchange-ring.ts";
import type { AgentConfig } from "../config/agent-config.ts";
import type { TunnelDefinition } from "../model/tunnel-definition.ts";
import type { Logger } from "../telemetry/logger.ts";

export interface AgentWebOptions {
  readonly agent: Agent;
  readonly audience: AgentAudience;
  readonly ring: ExchangeRing | undefined;
  readonly config: AgentConfig;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface AgentWeb extends AsyncDisposable {
  /** Undefined when it is switched off. */
  readonly url: string | undefined;
  /** Throws UsageError for a tunnel that would open the web port to everybody. */
  refuse(definition: TunnelDefinition): void;
}

/** Undefined when nothing is to be captured. */
export function captureRing({ captureLimitBytes, keepsLocalStorage }: AgentConfig): ExchangeRing | undefined {
  return captureLimitBytes === undefined || !keepsLocalStorage
    ? undefined
    : new ExchangeRing({ limitBytes: captureLimitBytes });
}

/** Listens until it is disposed of. Throws UsageError when the address that the user wrote cannot be had. */
export function openAgentWeb(options: AgentWebOptions): AgentWeb {
  const { config, log } = options;
  if (config.web === undefined) return { url: undefined, refuse: () => {}, [Symbol.asyncDispose]: async () => {} };
  const { mayBePublished } = config.web;
  const service = startWebService(config.web, async (request) => (await app()).fetch(request), log);
  const ownPort: OwnWebPort = { address: service.address, mayBePublished };
  const load = async () => {
    const { apiOfAgent } = await import("../agent/api/api-of-agent.ts");
    return apiOfAgent({ ...options, ownPort });
  };
  let loading: ReturnType<typeof load> | undefined;
  const app = (): ReturnType<typeof load> => (loading ??= load());
  return {
    url: `http://${formatHostPort(service.address)}`,
    refuse: (definition) => refuseOpenWebPort(definition, ownPort),
    [Symbol.asyncDispose]: () => service.close(),
  };
}
