/** The inspector in front of an agent that is played: real API, real capture ring, real port; exchanges are made by hand. */
import { AgentAudience } from "../../src/agent/agent-audience.ts";
import { agentApi } from "../../src/agent/api/agent-api.ts";
import type { ApiServices } from "../../src/agent/api/api-services.ts";
import type { RunningTunnel } from "../../src/agent/api/running-tunnel.ts";
import { systemClock } from "../../src/base/clock.ts";
import type { Exchange } from "../../src/capture/exchange.ts";
import { ExchangeRing } from "../../src/capture/exchange-ring.ts";
import { buildAgentConfig } from "../../src/config/agent-config.ts";
import { readAgentFile } from "../../src/config/agent-file.ts";
import { endpointWishes } from "../../src/model/endpoint-wish.ts";
import type { TunnelDefinition } from "../../src/model/tunnel-definition.ts";
import { formatUpstreamAddress } from "../../src/model/upstream-address.ts";
import { TrafficMeters } from "../../src/telemetry/traffic-meters.ts";
import { capturedExchange } from "./captured-exchange.ts";
import { recordingLog } from "./recording-log.ts";

export type ReplayCall = Parameters<ApiServices["replay"]>;
export type ExchangeParts = NonNullable<Parameters<typeof capturedExchange>[0]>;

const RING_BYTES = 200_000_000;

export class InspectedAgent implements AsyncDisposable {
  readonly ring = new ExchangeRing({ limitBytes: RING_BYTES });
  readonly replays: ReplayCall[] = [];
  /** What the edge has said. */
  edgeSays: { readonly region: string; readonly reason: string | undefined } = { region: "eu", reason: undefined };
  readonly #tunnels: RunningTunnel[] = [];
  #server: Bun.Server<undefined>;

  constructor() {
    this.#server = this.#listen(0);
  }

  /** Without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  run(definition: TunnelDefinition, host = "shop.tunnel.test"): void {
    const address = formatUpstreamAddress(definition.upstream);
    const inspect = definition.proto === "http" && definition.inspect;
    for (const { name, proto } of endpointWishes(definition)) {
      const publicUrl = proto === "tcp" ? "tcp://tunnel.test:20022" : `${proto}://${host}`;
      const metrics = new TrafficMeters(systemClock.nowMs());
      const shown = { id: "0d5b2f7c", name, proto, address, inspect, publicUrl, trafficPolicy: "" };
      this.#tunnels.push({ ...shown, definition, metrics });
    }
  }

  /** Meters of a tunnel that was run. */
  metricsOf(name: string): TrafficMeters {
    const found = this.#tunnels.find((tunnel) => tunnel.name === name)?.metrics;
    if (!(found instanceof TrafficMeters)) throw new Error(`no tunnel ${name} runs`);
    return found;
  }

  /** Puts an exchange into the ring, which happened now; answers its id. */
  capture(parts: ExchangeParts): string {
    const startedAt = parts.startedAt ?? new Date();
    const serial = this.ring.nextSerial();
    const exchange = capturedExchange({ serial, id: this.ring.idOf(serial), ...parts, startedAt });
    this.ring.add(exchange, () => {});
    return exchange.id;
  }

  /** Cuts all who are there; they find it again where it was, with what it had. */
  async comeBack(): Promise<void> {
    const { port = 0 } = this.#server;
    await this.#server.stop(true);
    this.#server = this.#listen(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  #listen(port: number): Bun.Server<undefined> {
    return Bun.serve({ port, hostname: "127.0.0.1", idleTimeout: 0, fetch: agentApi(this.#services()).fetch });
  }

  #services(): ApiServices {
    const settings = readAgentFile("/home/ada/.config/ngrok/ngrok.yml", "version: 2\nauthtoken: secret-token-of-ada\n");
    const files = [{ path: "/home/ada/.config/ngrok/ngrok.yml", settings }];
    const tunnels = this.#tunnels;
    const said = (): InspectedAgent["edgeSays"] => this.edgeSays;
    return {
      agent: {
        tunnels,
        get status() {
          return { state: "online" as const, ...said(), latencyMs: 23.4 };
        },
        get legs() {
          return [{ state: "online" as const, ...said(), latencyMs: 23.4, streamsOpen: 0, sessionCount: 1 }];
        },
        startTunnel: () => Promise.reject(new Error("not played")),
        stopTunnel: () => Promise.resolve(false),
      },
      audience: new AgentAudience(),
      ring: this.ring,
      replay: (...call) => this.#replay(...call),
      prometheusText: () => "",
      refuseTunnel: () => {},
      cut: () => {},
      config: buildAgentConfig({ files, environment: {}, flags: {}, variables: {} }),
      startedMs: systemClock.nowMs(),
      clock: systemClock,
      log: recordingLog().log,
    };
  }

  /** The upstream answers every replay alike, and says how often it was asked. */
  #replay(...call: ReplayCall): Promise<void> {
    this.replays.push(call);
    const [exchange, { tunnel, changes, times }] = call;
    for (let time = 0; time < times; time++) {
      const body = JSON.stringify({ ok: true, asked: this.replays.length, amount: 4200 }, undefined, 1);
      this.capture({
        request: replayedRequest(exchange, changes),
        response: `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Answer: again\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        tunnelName: tunnel.name,
        replayOf: exchange.id,
      });
    }
    return Promise.resolve();
  }
}

function replayedRequest({ request }: Exchange, changes: ReplayCall[1]["changes"] = {}): string {
  const { method = request.method, target = request.target, fields = request.head, body } = changes;
  const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const content = body ?? request.raw.subarray(request.headBytes);
  return `${method} ${target} HTTP/1.1\r\n${head}\r\n${Buffer.from(content).toString("latin1")}`;
}
