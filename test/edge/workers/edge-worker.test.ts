/** A hub and a worker in one process, at ports of their own, joined by a connection in memory. */
import { afterEach, describe, expect, test } from "bun:test";
import type { EdgeLimits } from "../../../src/edge/edge.ts";
import type { EdgeMeters } from "../../../src/edge/operations/edge-meters.ts";
import { counter } from "../../../src/telemetry/prometheus-text.ts";
import type { Directory } from "../../../src/edge/directory.ts";
import { OPEN_ACCOUNT, openDirectory } from "../../../src/edge/static-directory.ts";
import { EdgeWorker, type EdgeWorkerOptions } from "../../../src/edge/workers/edge-worker.ts";
import { AddressRules } from "../../../src/model/address-rules.ts";
import type { CloudEndpoint } from "../../../src/model/records/cloud-endpoint.ts";
import { UNBIND } from "../../../src/protocol/rpc/agent-calls.ts";
import { GatedDirectory } from "../../support/binder-scene.ts";
import { aCloudEndpoint } from "../../support/cloud-endpoints.ts";
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
  TEST_LIMITS,
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

const PATIENCE_MS = 4_000;
/** What a session has streams for, in a test of that limit. */
const FEW_STREAMS = 6;

type AgentProxies = EdgeAgent["agent"]["proxies"];

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

  static async open(
    directory: Directory = openDirectory,
    more: Partial<EdgeWorkerOptions> = {},
    limits: EdgeLimits = TEST_LIMITS,
  ): Promise<Scene> {
    const [tcpPort, http, https] = [freePorts(2), freePorts(1), freePorts(1)];
    const tcp = { hostname: LOOPBACK, ports: { first: tcpPort, last: tcpPort + 1 } };
    const hub = testEdge({ directory, limits, process: { number: 1, count: 2 }, tcp: { ...tcp, sharing: "first" } });
    const [hubEnd, workerEnd] = pipe();
    void hub.edge.acceptWorker(hubEnd);
    const log: LogLine[] = [];
    const listen = { http: { hostname: LOOPBACK, port: http }, https: { hostname: LOOPBACK, port: https } };
    const options = {
      ...testEdgeOptions(log),
      directory,
      tcp: { ...tcp, sharing: "further" as const },
      listen,
      process: { number: 2, count: 2 },
      pid: 2,
      metrics: ({ meters }: { readonly meters: EdgeMeters }) => [
        counter("visitors", "V.", [{ value: meters.traffic.http.visitors }]),
      ],
      caughtUp: () => Promise.resolve(),
      ...more,
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

  /** Visits until the answer is this one. */
  async shows(side: Side, host: string, wanted: { readonly status?: number; readonly body?: string }): Promise<void> {
    const givesUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const { status, body } = await this.visit(side, host);
      if (status === (wanted.status ?? status) && body.toString() === (wanted.body ?? body.toString())) return;
      if (performance.now() > givesUpAt) throw new Error(`${host} still says ${status}: ${body.toString()}`);
    }
  }

  async end(): Promise<void> {
    await this.worker.stop(AbortSignal.abort());
    await this.hub.end();
  }
}

const answering = (content: string): string =>
  JSON.stringify({ on_http_request: [{ actions: [{ type: "custom-response", config: { content } }] }] });
const A = { Proto: "http", Opts: { Domain: "a.edge.test" } };

/** Answers every visitor that came so far, and those to come. */
async function answered({ agent }: EdgeAgent, at: number, body: string): Promise<void> {
  await eventually(`visitor ${at} has come`, () => agent.proxies.length > at);
  const length = Buffer.byteLength(body);
  agent.proxies[at]?.stream.write(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${body}`));
}

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
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

  test.each(PAIRS)("has an endpoint of the %s offline at the %s when its agent unbinds it", async (agentSide, side) => {
    const s = await Scene.open();
    const agent = await s.agent(agentSide);
    const { bindId } = await agent.bind(A);
    await agent.agent.session.call(UNBIND, { bindId });
    await s.shows(side, "a.edge.test", { status: 404 });
  });

  test.each(PAIRS)("has an endpoint of the %s offline at the %s when its agent is gone", async (agentSide, side) => {
    const s = await Scene.open();
    const agent = await s.agent(agentSide);
    await agent.bind(A);
    agent.agent.session.close("");
    await s.shows(side, "a.edge.test", { status: 404 });
    expect(s.hub.edge.figures).toMatchObject({ agents: 0, legs: 0 });
  });

  test.each(SIDES)("keeps the endpoints of an agent that comes back to the other process than the %s", async (side) => {
    const s = await Scene.open();
    const first = await s.agent(side);
    const { url, bindId, extra } = await first.bind({ Proto: "http" });
    const other = side === "hub" ? "worker" : "hub";
    const second = await s.agent(other, { sessionId: first.auth.sessionId });
    const again = await second.bind({ Proto: "http", Id: bindId, Extra: { Token: extra.token } });
    expect([again.url, again.bindId]).toEqual([url, bindId]);
    const visited = s.visit(side, new URL(url).host);
    await answered(second, 0, "again");
    expect((await visited).body.toString()).toBe("again");
  });

  test("gives visitors to the leg in their own process", async () => {
    const s = await Scene.open();
    const first = await s.agent("hub");
    const { bindId } = await first.bind(A);
    const further = await s.agent("worker", { sessionId: first.auth.sessionId, legNumber: 1 });
    expect(further.auth.edge.ginnel).toEqual({ resetCodes: true, worker: 2, workers: 2 });
    expect(first.auth.edge.ginnel).toEqual({ resetCodes: true, worker: 1, workers: 2 });
    await further.bind({ ...A, Id: bindId });
    for (const [side, agent] of [
      ["hub", first],
      ["worker", further],
    ] as const) {
      const visited = s.visit(side, "a.edge.test");
      await answered(agent, 0, side);
      expect((await visited).body.toString()).toBe(side);
    }
    first.agent.session.close("");
    await eventually("one session is left", () => s.hub.edge.figures.legs === 1);
    const visited = s.visit("hub", "a.edge.test");
    await answered(further, 1, "from afar");
    expect((await visited).body.toString()).toBe("from afar");
  });

  test("gives visitors to the next session in another process when the first one there has no stream left", async () => {
    const s = await Scene.open(openDirectory, {}, { ...TEST_LIMITS, maxStreamsPerSession: FEW_STREAMS });
    const first = await s.agent("hub");
    const { bindId } = await first.bind(A);
    const second = await s.agent("hub", { sessionId: first.auth.sessionId, legNumber: 1 });
    await second.bind({ ...A, Id: bindId });
    const visits = Array.from({ length: FEW_STREAMS + 1 }, () => s.visit("worker", "a.edge.test"));
    const proxies = (): AgentProxies => [...first.agent.proxies, ...second.agent.proxies];
    await eventually("all visitors have come", () => proxies().length === visits.length);
    expect(second.agent.proxies.length).toBeGreaterThan(0);
    for (const { stream } of proxies()) stream.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    const bodies = (await Promise.all(visits)).map(({ body }) => body.toString());
    expect(new Set(bodies)).toEqual(new Set(["ok"]));
  });

  test("refuses for the reasons of the hub, with their codes", async () => {
    const s = await Scene.open();
    await (await s.agent("hub")).bind(A);
    const refused = (await s.agent("worker")).bind(A);
    expect(await failureOf(refused)).toMatchObject({ code: "ERR_NGROK_334" });
    const stranger = s.agent("worker", { authtoken: "not a token" });
    expect(await failureOf(stranger)).toMatchObject({ code: "ERR_NGROK_105" });
  });

  test.each(PAIRS)("counts what passed at an endpoint of the %s, also at the %s", async (agentSide, side) => {
    const s = await Scene.open();
    const agent = await s.agent(agentSide);
    await agent.bind(A);
    const visited = s.visit(side, "a.edge.test");
    await answered(agent, 0, "x");
    await visited;
    expect(await s.hub.edge.trafficOfAll("ac_operator")).toEqual([
      expect.objectContaining({ url: "http://a.edge.test", requests: 1, visitors: 1 }),
    ]);
    const [[worker, metrics] = []] = [...(await s.hub.edge.workerMetrics())];
    const value = side === "worker" ? 1 : 0;
    expect([worker, metrics]).toEqual([2, [expect.objectContaining({ name: "visitors", values: [{ value }] })]]);
  });

  test("knows when there is no hub any more, and stops", async () => {
    const s = await Scene.open();
    const agent = await s.agent("worker");
    await agent.bind(A);
    s.cut();
    expect(await s.worker.orphaned).toMatchObject({ type: "lost" });
    await eventually("its agents are nobody's", () => s.hub.edge.figures.agents === 0);
    const refused = await failureOf(agent.bind({ Proto: "http" }));
    expect(String(refused)).toContain("This edge is just starting or stopping");
    await s.worker.stop(AbortSignal.abort());
    await eventually("its agents are told", () => !agent.agent.session.isOpen);
  });

  test("ends the session of an agent whose credential is deleted", async () => {
    const directory = new GatedDirectory();
    const s = await Scene.open(directory);
    const agent = await s.agent("worker");
    await agent.bind(A);
    directory.deleteAll();
    await eventually("the session has ended", () => !agent.agent.session.isOpen);
    await eventually("the hub has heard", () => s.hub.edge.figures.legs === 0);
  });

  test("follows a cloud endpoint", async () => {
    const directory = new GatedDirectory();
    const s = await Scene.open(directory);
    const record = aCloudEndpoint("ac_1", { url: "http://cloud.edge.test" });
    const tell = (now: CloudEndpoint | undefined): void => {
      for (const { onCloudEndpoint } of directory.listeners) onCloudEndpoint?.(record.id, now);
    };
    tell({ ...record, trafficPolicy: answering("one") });
    await s.shows("worker", "cloud.edge.test", { body: "one" });
    tell({ ...record, trafficPolicy: answering("two") });
    await s.shows("worker", "cloud.edge.test", { body: "two" });
    tell(undefined);
    await s.shows("worker", "cloud.edge.test", { status: 404 });
  });

  test.each(SIDES)("gives an agent of the %s its port again as soon as it is given back", async (side) => {
    const s = await Scene.open();
    const agent = await s.agent(side);
    const { url, bindId, extra } = await agent.bind({ Proto: "tcp" });
    for (let round = 0; round < 20; round += 1) {
      const unbound = agent.agent.session.call(UNBIND, { bindId });
      const again = await agent.bind({
        Proto: "tcp",
        Id: bindId,
        Opts: { Addr: url.slice(6) },
        Extra: { Token: extra.token },
      });
      await unbound;
      expect(again.url).toBe(url);
    }
  });

  test("has a random port again where all others are taken", async () => {
    const s = await Scene.open();
    const agent = await s.agent("hub");
    const binds = [await agent.bind({ Proto: "tcp" }), await agent.bind({ Proto: "tcp" })];
    await agent.agent.session.call(UNBIND, { bindId: binds[0]?.bindId ?? "" });
    expect((await agent.bind({ Proto: "tcp" })).url).toBe(binds[0]?.url ?? "");
  });

  test("follows cloud endpoints of which one takes the place that another one leaves", async () => {
    const directory = new GatedDirectory();
    const s = await Scene.open(directory);
    const tell = (record: CloudEndpoint, name: string): void => {
      const now = { ...record, url: `http://${name}.edge.test`, trafficPolicy: answering(`${record.id} at ${name}`) };
      for (const { onCloudEndpoint } of directory.listeners) onCloudEndpoint?.(record.id, now);
    };
    const [one, other] = [aCloudEndpoint("ac_1", {}), aCloudEndpoint("ac_1", {})];
    tell(one, "a");
    tell(other, "b");
    await s.shows("worker", "b.edge.test", { body: `${other.id} at b` });
    tell(one, "aa");
    tell(other, "c");
    tell(one, "b");
    await s.shows("worker", "b.edge.test", { body: `${one.id} at b` });
    await s.shows("worker", "c.edge.test", { body: `${other.id} at c` });
    expect(s.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("keeps everybody out where the hub's endpoint goes by a policy that is there no more", async () => {
    const [hubDirectory, ownDirectory] = [new GatedDirectory(), new GatedDirectory()];
    const rules = new AddressRules([], "nobody");
    hubDirectory.rules = { ...OPEN_ACCOUNT, policies: () => rules };
    ownDirectory.rules = { ...OPEN_ACCOUNT, policies: () => undefined };
    const s = await Scene.open(hubDirectory, { directory: ownDirectory });
    await (await s.agent("hub")).bind({ ...A, Extra: { IPPolicyRef: "ipp_1" } });
    expect((await s.visit("worker", "a.edge.test")).status).toBe(403);
  });

  test("reads its records on before it leaves out an endpoint that needs one", async () => {
    const [hubDirectory, ownDirectory] = [new GatedDirectory(), new GatedDirectory()];
    const rules = new AddressRules([], "nobody");
    hubDirectory.rules = { ...OPEN_ACCOUNT, policies: () => rules };
    ownDirectory.rules = { ...OPEN_ACCOUNT, policies: () => undefined };
    let timesAsked = 0;
    const caughtUp = (): Promise<void> => {
      timesAsked += 1;
      ownDirectory.rules = hubDirectory.rules;
      return Promise.resolve();
    };
    const s = await Scene.open(hubDirectory, { directory: ownDirectory, caughtUp });
    const agent = await s.agent("hub");
    await agent.bind({ ...A, Extra: { IPPolicyRef: "ipp_1" } });
    const visited = s.visit("worker", "a.edge.test");
    await answered(agent, 0, "let in");
    expect([(await visited).body.toString(), timesAsked]).toEqual(["let in", 1]);
  });
});
