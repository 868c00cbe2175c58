/** An agent that captures, and a real edge on ports of 127.0.0.1, both in this process. */
import { AgentAudience } from "../../src/agent/agent-audience.ts";
import { Agent } from "../../src/agent/agent.ts";
import type { Tunnel } from "../../src/agent/tunnel.ts";
import { systemClock } from "../../src/base/clock.ts";
import type { Exchange } from "../../src/capture/exchange.ts";
import { ExchangeRing } from "../../src/capture/exchange-ring.ts";
import { pipe } from "../../src/net/pipe.ts";
import { noLog } from "../../src/telemetry/logger.ts";
import { TEST_LIMITS, testEdge, type TestEdge } from "./test-edge.ts";
import { httpTunnel } from "./tunnel-definitions.ts";
import { eventually } from "./turns.ts";

export class CapturedTunnels implements AsyncDisposable {
  readonly ring: ExchangeRing;
  readonly audience = new AgentAudience();
  readonly agent: Agent;
  readonly edge: TestEdge;

  constructor(limitBytes = 50_000_000) {
    this.ring = new ExchangeRing({ limitBytes });
    this.edge = testEdge({ limits: { ...TEST_LIMITS, maxEndpointsPerAgent: 100 } });
    this.agent = new Agent({
      connect: () => {
        const [edgeEnd, agentEnd] = pipe({ remoteAddresses: ["192.0.2.1:1", "<edge>"] });
        this.edge.edge.acceptAgent(edgeEnd);
        return Promise.resolve(agentEnd);
      },
      identity: { authtoken: "t", version: "0.1.0", metadata: "", configVersion: "3", allowsRemoteManagement: false },
      heartbeat: { intervalMs: 60_000, toleranceMs: 60_000 },
      region: undefined,
      listener: this.audience,
      capture: this.ring,
      clock: systemClock,
      log: noLog,
    });
    void this.agent.start([]);
  }

  /** Of that name, at `NAME.edge.test` by plain HTTP, unless the definition says otherwise. */
  async start(name: string, definition: Parameters<typeof httpTunnel>[0]): Promise<Tunnel> {
    const host = { kind: "subdomain", label: name } as const;
    const [tunnel] = await this.agent.startTunnel(httpTunnel({ name, schemes: ["http"], host, ...definition }));
    if (tunnel === undefined) throw new Error("no tunnel");
    return tunnel;
  }

  /** The exchanges of a tunnel, oldest first, once there are so many and all are over. */
  async over(tunnelName: string, count = 1): Promise<readonly Exchange[]> {
    const listed = (): readonly Exchange[] => this.ring.list({ tunnelName }).toReversed();
    const isOver = (): boolean => listed().length >= count && listed().every(({ outcome }) => outcome !== "open");
    await eventually(`${count} exchanges of ${tunnelName} are over`, isOver);
    return listed();
  }

  /** The only one. */
  async one(tunnelName: string): Promise<Exchange> {
    const [exchange, ...others] = await this.over(tunnelName);
    if (exchange === undefined || others.length > 0) throw new Error(`${others.length + 1} exchanges`);
    return exchange;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent.stop();
    await this.edge.end();
  }
}
