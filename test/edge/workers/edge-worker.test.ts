/** A hub and a worker in one process, at ports of their own, joined by a connection in memory. */
import { afterEach, describe, expect, test } from "bun:test";
import type { EdgeMeters } from "../../../src/edge/operations/edge-meters.ts";
import { counter } from "../../../src/telemetry/prometheus-text.ts";
import { EdgeWorker } from "../../../src/edge/workers/edge-worker.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { dialTcp } from "../../../src/net/tcp-dial.ts";
import { freePorts } from "../../support/free-ports.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import {
  type AgentOptions,
  connectAgent,
  type EdgeAgent,
  type LogLine,
  LOOPBACK,
  testEdge,
  type TestEdge,
  testEdgeOptions,
} from "../../support/test-edge.ts";
import { eventually } from "../../support/turns.ts";
import { visit, type Visited } from "../../support/visit.ts";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.end();
});

/** Who of the two processes an agent or visitor comes to. */
type Side = "hub" | "worker";
const SIDES: readonly Side[] = ["hub", "worker"];

class Scene {
  readonly hub: TestEdge;
  readonly worker: EdgeWorker;
  readonly log: readonly LogLine[];
  readonly cut: () => void;

  private constructor(hub: TestEdge, worker: EdgeWorker, log: readonly LogLine[], cut: () => void) {
    this.hub = hub;
    this.worker = worker;
    this.log = log;
    this.cut = cut;
  }

  static async open(): Promise<Scene> {
    const [tcpPort, http, https] = [freePorts(2), freePorts(1), freePorts(1)];
    const tcp = { hostname: LOOPBACK, ports: { first: tcpPort, last: tcpPort + 1 } };
    const hub = testEdge({ process: { number: 1, count: 2 }, tcp: { ...tcp, sharing: "first" } });
    const [hubEnd, workerEnd] = pipe();
    void hub.edge.acceptWorker(hubEnd);
    const log: LogLine[] = [];
    const listen = { http: { hostname: LOOPBACK, port: http }, https: { hostname: LOOPBACK, port: https } };
    const options = {
      ...testEdgeOptions(log),
      tcp: { ...tcp, sharing: "further" as const },
      listen,
      process: { number: 2, count: 2 },
      metrics: ({ meters }: { readonly meters: EdgeMeters }) => [
        counter("visitors", "V.", [{ value: meters.traffic.http.visitors }]),
      ],
      caughtUp: () => Promise.resolve(),
    };
    const worker = await EdgeWorker.start(options, workerEnd);
    const scene = new Scene(hub, worker, log, () => hubEnd.reset());
    scenes.push(scene);
    return scene;
  }

  agent(side: Side, options?: AgentOptions): Promise<EdgeAgent> {
    return connectAgent(side === "hub" ? this.hub.edge : this.worker, options);
  }

  visit(side: Side, host: string): Promise<Visited> {
    return visit(host, { port: side === "hub" ? this.hub.http : (this.worker.port("http") ?? 0) });
  }

  async end(): Promise<void> {
    await this.worker.stop(AbortSignal.abort());
    await this.hub.end();
  }
}

const A = { Proto: "http", Opts: { Domain: "a.edge.test" } };

/** Answers every visitor that came so far, and those to come. */
async function answered({ agent }: EdgeAgent, at: number, body: string): Promise<void> {
  await eventually(`visitor ${at} has come`, () => agent.proxies.length > at);
  const length = Buffer.byteLength(body);
  agent.proxies[at]?.stream.write(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${body}`));
}

const PAIRS = SIDES.flatMap((agentSide) => SIDES.map((visitorSide) => [agentSide, visitorSide] as const));

describe("EdgeWorker", () => {
  test.each(PAIRS)("serves an agent of the %s to visitors of the %s", async (agentSide, visitorSide) => {
    const s = await Scene.open();
    const agent = await s.agent(agentSide);
    expect((await agent.bind(A)).url).toBe("http://a.edge.test");
    const visited = s.visit(visitorSide, "a.edge.test");
    await answered(agent, 0, "here");
    expect([(await visited).status, (await visited).body.toString()]).toEqual([200, "here"]);
    expect(agent.agent.proxies[0]?.header.visitorAddress).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test.each(PAIRS)("serves a tcp endpoint of the %s, also at the %s", async (agentSide) => {
    const s = await Scene.open();
    const agent = await s.agent(agentSide);
    const { url } = await agent.bind({ Proto: "tcp" });
    const port = Number(new URL(url).port);
    const visitor = await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 5_000 });
    const heard = new RecordingListener(visitor);
    visitor.write(Buffer.from("ping"));
    await eventually("the visitor has come", () => agent.agent.proxies.length > 0);
    const proxy = agent.agent.proxies[0];
    await eventually("its bytes too", () => `${proxy?.payload}${proxy?.heard.text}` === "ping");
    proxy?.stream.write(Buffer.from("pong"));
    await heard.until(() => heard.text === "pong");
    proxy?.stream.end();
    await heard.until(() => heard.hasEnded);
    visitor.end();
  });
});
