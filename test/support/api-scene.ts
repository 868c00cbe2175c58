/** The agent API over an agent that is played: calls go to the app, no port is opened. */
import type { Hono } from "hono";
import type { AgentStatus } from "../../src/agent/agent.ts";
import { agentApi } from "../../src/agent/api/agent-api.ts";
import type { ApiServices, ReplayOrder } from "../../src/agent/api/api-services.ts";
import type { RunningTunnel } from "../../src/agent/api/running-tunnel.ts";
import { AgentAudience } from "../../src/agent/agent-audience.ts";
import type { Exchange } from "../../src/capture/exchange.ts";
import { ExchangeRing } from "../../src/capture/exchange-ring.ts";
import { buildAgentConfig, type AgentConfig } from "../../src/config/agent-config.ts";
import { readAgentFile } from "../../src/config/agent-file.ts";
import { endpointWishes } from "../../src/model/endpoint-wish.ts";
import type { TunnelDefinition } from "../../src/model/tunnel-definition.ts";
import { formatUpstreamAddress } from "../../src/model/upstream-address.ts";
import { TrafficMeters } from "../../src/telemetry/traffic-meters.ts";
import { SHORT_IDS } from "./captured-exchange.ts";
import { ManualClock } from "./manual-clock.ts";
import { type RecordedLine, recordingLog } from "./recording-log.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined when the text is no JSON. */
  readonly json: unknown;
}

export interface SceneOptions {
  /** Lines of a configuration file of version 2. */
  readonly config?: string;
  readonly state?: AgentStatus["state"];
  readonly hasCapture?: boolean;
  readonly captureBytes?: number;
  /** What the edge does with a tunnel; by default it accepts. */
  readonly onStart?: (definition: TunnelDefinition) => Promise<void>;
  readonly refuseTunnel?: (definition: TunnelDefinition) => void;
  readonly onReplay?: () => Promise<void>;
}

export class ApiScene {
  readonly clock = new ManualClock();
  readonly audience = new AgentAudience();
  readonly ring: ExchangeRing;
  readonly replays: (Pick<ReplayOrder, "changes" | "times"> & { readonly id: string; readonly tunnel: string })[] = [];
  /** Calls whose connections were to be cut. */
  readonly cut: Request[] = [];
  onCut = (_request: Request): void => {};
  onStatusRead = (): void => {};
  readonly lines: readonly RecordedLine[];
  readonly config: AgentConfig;
  readonly app: Hono;
  status: AgentStatus;
  readonly #options: SceneOptions;
  #tunnels: readonly RunningTunnel[] = [];

  constructor(options: SceneOptions = {}) {
    this.#options = options;
    this.ring = new ExchangeRing({ limitBytes: options.captureBytes ?? 1_000_000, ids: SHORT_IDS });
    this.status = { state: options.state ?? "online", reason: undefined, region: "eu", latencyMs: 87 };
    const settings = readAgentFile("agent.yml", `version: 2\n${options.config ?? ""}`);
    const files = [{ path: "agent.yml", settings }];
    this.config = buildAgentConfig({ files, environment: {}, flags: {}, variables: {} });
    const { log, lines } = recordingLog();
    this.lines = lines;
    this.app = agentApi(this.#services(log));
  }

  /** As the agent would have it after a start; answers the tunnels in the agent's order. */
  run(definition: TunnelDefinition): readonly RunningTunnel[] {
    const address = formatUpstreamAddress(definition.upstream);
    const inspect = definition.proto === "http" && definition.inspect;
    const started = endpointWishes(definition).map(({ name, proto }): RunningTunnel => {
      const publicUrl = proto === "tcp" ? "tcp://edge.test:20000" : `${proto}://d95211d2.edge.test`;
      const metrics = new TrafficMeters(0);
      const id = "0d5b2f7c8e6a4f1b9c3d7e8f0a1b2c3d";
      const source = definition.modules?.trafficPolicy;
      const trafficPolicy = source?.kind === "text" ? source.text : "";
      return { id, name, proto, address, inspect, publicUrl, trafficPolicy, definition, metrics };
    });
    this.#tunnels = [...this.#tunnels, ...started].sort((a, b) => (a.name < b.name ? -1 : 1));
    return started;
  }

  get tunnels(): readonly RunningTunnel[] {
    return this.#tunnels;
  }

  capture(exchange: Exchange): void {
    this.ring.add(exchange, () => {});
  }

  /** From this machine, unless the fields say otherwise. An object as body is JSON. */
  async call(
    method: string,
    path: string,
    body?: object | string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const type: Record<string, string> = body === undefined ? {} : { "Content-Type": "application/json" };
    const answer = await this.app.request(path, {
      method,
      headers: { Host: "127.0.0.1:4040", ...type, ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, json: parsed(text) };
  }

  #services(log: ApiServices["log"]): ApiServices {
    const { refuseTunnel = () => {}, hasCapture = true } = this.#options;
    const tunnels = (): readonly RunningTunnel[] => this.#tunnels;
    const status = (): AgentStatus => this.status;
    const onStatusRead = (): void => this.onStatusRead();
    return {
      agent: {
        get tunnels() {
          return tunnels();
        },
        get status() {
          onStatusRead();
          return status();
        },
        get legs() {
          const { state, reason, region, latencyMs } = status();
          return [{ state, reason, region, latencyMs, streamsOpen: 0, sessionCount: 1 }];
        },
        startTunnel: async (definition) => {
          await this.#options.onStart?.(definition);
          return this.run(definition);
        },
        stopTunnel: (name) => {
          const before = this.#tunnels.length;
          this.#tunnels = this.#tunnels.filter((tunnel) => tunnel.name !== name);
          return Promise.resolve(this.#tunnels.length < before);
        },
      },
      audience: this.audience,
      ring: hasCapture ? this.ring : undefined,
      replay: async ({ id }, { tunnel, changes, times }) => {
        await this.#options.onReplay?.();
        this.replays.push({ id, tunnel: tunnel.name, changes, times });
      },
      cut: (request) => {
        this.cut.push(request);
        this.onCut(request);
      },
      prometheusText: () => "ginnel_build_info 1\n",
      refuseTunnel,
      config: this.config,
      startedMs: 0,
      clock: this.clock,
      log,
    };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
