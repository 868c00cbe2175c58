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

/** Wrappers call within 200 ms of the line that tells the address, and call again 200 ms later. */
const FAREWELL_MS = 1_000;

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
  /** What tunnels must not lead to; undefined when it is switched off. */
  readonly port: OwnWebPort | undefined;
  /** Throws UsageError for a tunnel that would open the web port to everybody. */
  refuse(definition: TunnelDefinition): void;
  /** Goes on answering for a moment, or until the signal: whoever has just read the address learns why the agent ends (clients.md K-038). */
  farewell(signal: AbortSignal): Promise<void>;
}

/** Undefined when nothing is to be captured. */
export function captureRing({ captureLimitBytes, keepsLocalStorage }: AgentConfig): ExchangeRing | undefined {
  return captureLimitBytes === undefined || !keepsLocalStorage
    ? undefined
    : new ExchangeRing({ limitBytes: captureLimitBytes });
}

const NO_WEB: AgentWeb = {
  url: undefined,
  port: undefined,
  refuse: () => {},
  farewell: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

/** Listens until it is disposed of. Throws UsageError when the address that the user wrote cannot be had. */
export function openAgentWeb(options: AgentWebOptions): AgentWeb {
  const { config, clock, log } = options;
  if (config.web === undefined) return NO_WEB;
  const { mayBePublished } = config.web;
  const service = startWebService(config.web, async (request) => (await app()).fetch(request), log);
  const ownPort: OwnWebPort = { address: service.address, mayBePublished };
  const load = async () => {
    const { apiOfAgent } = await import("../agent/api/api-of-agent.ts");
    return apiOfAgent({ ...options, ownPort, cut: (request) => service.cut(request) });
  };
  let loading: ReturnType<typeof load> | undefined;
  const app = (): ReturnType<typeof load> => {
    loading ??= load().catch((fault: unknown) => {
      loading = undefined; // the next call tries again
      throw fault;
    });
    return loading;
  };
  return {
    url: `http://${formatHostPort(service.address)}`,
    port: ownPort,
    refuse: (definition) => refuseOpenWebPort(definition, ownPort),
    farewell: (signal) => pause(clock, FAREWELL_MS, signal),
    [Symbol.asyncDispose]: () => service.close(),
  };
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const over = Promise.withResolvers<void>();
  const cancel = clock.after(ms, over.resolve);
  signal.addEventListener("abort", () => over.resolve(), { once: true });
  return over.promise.finally(cancel);
}
