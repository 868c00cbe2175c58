/** Sessions of agents with a whole edge, over pipes in memory. */
import { afterEach, describe, expect, test } from "bun:test";
import type { Clock } from "../../../src/base/clock.ts";
import type { EdgeOptions } from "../../../src/edge/edge.ts";
import { AgentLeg } from "../../../src/edge/sessions/agent-leg.ts";
import { AgentRegistry } from "../../../src/edge/sessions/agent-registry.ts";
import type { ControlledLeg } from "../../../src/edge/sessions/control-plane.ts";
import { LocalControl } from "../../../src/edge/sessions/local-control.ts";
import { openDirectory } from "../../../src/edge/static-directory.ts";
import {
  PATCH_TUNNEL_STATE,
  type PatchTunnelRequest,
  START_TUNNEL_WITH_LABEL,
  UNBIND,
} from "../../../src/protocol/rpc/agent-calls.ts";
import type { OnlineRecords } from "../../../src/edge/sessions/online-report.ts";
import type { LiveEndpoint } from "../../../src/model/records/live-endpoint.ts";
import type { TunnelSession } from "../../../src/model/records/tunnel-session.ts";
import { hear } from "../../../src/net/rpc-answer.ts";
import { STOP_TUNNEL } from "../../../src/protocol/rpc/edge-commands.ts";
import { AUTH } from "../../../src/protocol/rpc/auth.ts";
import { BIND } from "../../../src/protocol/rpc/bind.ts";
import { IdleWatch } from "../../../src/net/idle-watch.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { encodeRequest } from "../../../src/protocol/rpc/rpc-call.ts";
import { bindRequest } from "../../support/bind-request.ts";
import { binderScene, GatedDirectory } from "../../support/binder-scene.ts";
import { dataFrame } from "../../support/frame-bytes.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { AUTH_REQUEST, PlayedAgent } from "../../support/session-pair.ts";
import { type EdgeAgent, testEdge, type TestEdge } from "../../support/test-edge.ts";
import { eventually, quiet } from "../../support/turns.ts";
import { visit } from "../../support/visit.ts";

const edges: TestEdge[] = [];
afterEach(async () => {
  await Promise.all(edges.splice(0).map(({ end }) => end()));
});

function newEdge(more?: Partial<EdgeOptions>, clock?: Clock): TestEdge {
  const edge = testEdge(more, clock);
  edges.push(edge);
  return edge;
}

const HTTP = { Proto: "http", Opts: { Domain: "a.edge.test" } };
const statusOf = async ({ http }: TestEdge): Promise<number> => (await visit("a.edge.test", { port: http })).status;

/** Answers its visitors. */
function serve({ agent }: EdgeAgent, text: string): void {
  const take = agent.onProxy.bind(agent);
  agent.onProxy = (header, stream, payload) => {
    take(header, stream, payload);
    stream.write(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`));
  };
}

async function refusal(call: Promise<unknown>): Promise<string> {
  const [settled] = await Promise.allSettled([call]);
  return settled?.status === "rejected" ? String(settled.reason) : "done";
}

describe("AgentLeg", () => {
  test("refuses who comes without a token, with a wrong one, and whoever binds all the same", async () => {
    const directory = { ...openDirectory, authenticate: () => Promise.resolve(undefined) };
    const { edge } = newEdge({ directory });
    const [edgeEnd, agentEnd] = pipe();
    edge.acceptAgent(edgeEnd);
    const { session } = new PlayedAgent(agentEnd);
    expect(await refusal(session.call(AUTH, AUTH_REQUEST))).toContain("not known");
    expect(await refusal(session.call(BIND, bindRequest(HTTP)))).toContain("reset");
  });

  test("refuses to read any number of traffic policies, also after the agent came back", async () => {
    const edge = newEdge();
    const TrafficPolicy = `#${"x".repeat(60_000)}`;
    const bindAll = async (hosts: readonly string[]): Promise<string[]> => {
      const { agent } = await edge.agent();
      const binds = hosts.map((host) => bindRequest({ ...HTTP, Opts: { Domain: `${host}.edge.test`, TrafficPolicy } }));
      return Promise.all(binds.map((request) => refusal(agent.session.call(BIND, request))));
    };
    const answers: string[] = [];
    for (const agent of ["a", "b", "c", "d"]) {
      answers.push(...(await bindAll(Array.from({ length: 10 }, (_, at) => `${agent}${at}`))));
    }
    const refused = answers.filter((answer) => answer.includes("too much of traffic policies, within 60 seconds"));
    expect(refused).toHaveLength(6);
    expect(answers.filter((answer) => answer === "done")).toHaveLength(34);
  });

  test("takes endpoints offline with the session, and logs the life of both", async () => {
    const edge = newEdge();
    const connected = await edge.agent();
    serve(connected, "here");
    const { url } = await connected.bind(HTTP);
    expect(await statusOf(edge)).toBe(200);
    connected.agent.session.close("");
    await eventually("the end is logged", () => edge.log.some(({ message }) => message === "agent session ended"));
    expect(await statusOf(edge)).toBe(404);
    expect(edge.log.map(({ message }) => message)).toEqual([
      "agent session established",
      "endpoint online",
      "agent session ended",
    ]);
    expect(edge.log[1]?.fields).toMatchObject({ url });
  });

  test("tells in the log which rule of the protocol an agent broke", async () => {
    const { edge, log } = newEdge();
    const [edgeEnd, agentEnd] = pipe();
    const heard = new RecordingListener(agentEnd);
    edge.acceptAgent(edgeEnd);
    agentEnd.write(dataFrame(3, encodeRequest(AUTH, AUTH_REQUEST), "syn+fin"));
    await eventually("it is let in", () => log.length > 0);
    agentEnd.write(dataFrame(0, "a"));
    await heard.until(() => heard.hasEnded || heard.isClosed);
    await eventually("the end is logged", () => log.length > 1);
    const detail = "a DATA frame came without a stream id";
    expect(log[1]).toMatchObject({ message: "agent session ended", fields: { reason: "violation", detail } });
  });

  test("goes out of the count also when a fault keeps its endpoints from going offline", async () => {
    const clock = new ManualClock();
    const fault = new Error("ours");
    const faults: unknown[] = [];
    const { binder, directory } = binderScene();
    binder.legEnded = () => {
      throw fault;
    };
    const registry = new AgentRegistry<ControlledLeg>({ directory, maxSessions: 1, isServing: () => false, clock });
    const onFault = (thrown: unknown): void => void faults.push(thrown);
    const [edgeEnd, agentEnd] = pipe({ onFault });
    const session = { clock, idleWatch: new IdleWatch(clock, onFault), onFault };
    const { log } = recordingLog();
    const control = new LocalControl({
      registry,
      binder,
      region: "test",
      isOneOfSeveral: false,
      warningOf: () => undefined,
      clock,
    });
    const services = { control, region: "test", edgeVersion: "0", maxStreams: 10, session, log };
    control.onConnected(new AgentLeg(edgeEnd, new Uint8Array(0), services));
    const agent = new PlayedAgent(agentEnd);
    await agent.session.call(AUTH, AUTH_REQUEST);
    expect(registry.sessions).toBe(1);
    agent.session.close("");
    await eventually("the fault is told", () => faults.length > 0);
    expect([faults, registry.sessions]).toEqual([[fault], 0]);
    await registry.closeAll("stops");
  });

  test("ends a bind for all legs when one unbinds it, and says nothing to a second time", async () => {
    const edge = newEdge();
    const first = await edge.agent();
    const { bindId } = await first.bind(HTTP);
    expect(await first.agent.session.call(UNBIND, { bindId })).toEqual({});
    expect(await first.agent.session.call(UNBIND, { bindId })).toEqual({});
    expect(await statusOf(edge)).toBe(404);
  });

  test("hands endpoints over to the newer session of the agent and lets the older one go", async () => {
    const edge = newEdge();
    const old = await edge.agent();
    serve(old, "old");
    const { bindId } = await old.bind(HTTP);
    const young = await edge.agent({ sessionId: old.auth.sessionId });
    serve(young, "young");
    expect(young.auth.sessionId).toBe(old.auth.sessionId);
    expect((await visit("a.edge.test", { port: edge.http })).body.toString()).toBe("old");
    await young.bind({ ...HTTP, Id: bindId });
    await eventually("the older session was ended", () => old.agent.ends.length === 1);
    expect((await visit("a.edge.test", { port: edge.http })).body.toString()).toBe("young");
  });

  test("ends at once when its credential is deleted, and its endpoints with it", async () => {
    const directory = new GatedDirectory();
    const edge = newEdge({ directory });
    const connected = await edge.agent();
    serve(connected, "here");
    await connected.bind(HTTP);
    expect(await statusOf(edge)).toBe(200);
    directory.deleteAll();
    await eventually("the session was ended", () => connected.agent.ends.length === 1);
    expect(JSON.stringify(connected.agent.ends)).toContain("ERR_NGROK_300");
    expect(await statusOf(edge)).toBe(404);
  });

  test("is on record with its endpoints while it is online", async () => {
    const sessions = new Map<string, TunnelSession>();
    const endpoints = new Map<string, LiveEndpoint>();
    const records: OnlineRecords = {
      putSession: async (session) => void sessions.set(session.id, session),
      removeSession: async (id) => void sessions.delete(id),
      putEndpoint: async (endpoint) => endpoints.set(endpoint.id, endpoint).size > 0,
      removeEndpoint: async (id) => void endpoints.delete(id),
    };
    const edge = newEdge({ online: { records, nodeId: "node-1" } });
    const { agent, auth, bind } = await edge.agent();
    const { bindId } = await bind(HTTP);
    await eventually("both are on record", () => sessions.size === 1 && endpoints.size === 1);
    const [session, endpoint] = [...sessions.values(), ...endpoints.values()];
    expect(session).toMatchObject({ id: auth.edge.agentSessionId, nodeId: "node-1", region: "test", ip: "192.0.2.1" });
    expect(endpoint).toMatchObject({
      sessionId: auth.edge.agentSessionId,
      url: "http://a.edge.test",
      host: "a.edge.test",
      port: 80,
      proto: "http",
      bindings: ["public"],
    });
    await agent.session.call(UNBIND, { bindId });
    await eventually("the endpoint is gone", () => endpoints.size === 0);
    agent.session.close("");
    await eventually("the session is gone", () => sessions.size === 0);
  });

  test("is told of a bind that its account may not have any more", async () => {
    const directory = new GatedDirectory();
    const edge = newEdge({ directory });
    const heard: unknown[] = [];
    const connected = await edge.agent({ answers: [hear(STOP_TUNNEL, (request) => void heard.push(request))] });
    const { bindId } = await connected.bind(HTTP);
    directory.verdict = "ofAnotherAccount";
    for (const { onNames } of directory.listeners) onNames?.();
    await eventually("the agent was told", () => heard.length === 1);
    expect(heard).toMatchObject([{ bindId, errorCode: "ERR_NGROK_320" }]);
    expect(await statusOf(edge)).toBe(404);
  });

  test("admits nobody who goes while the token is looked up", async () => {
    const directory = new GatedDirectory();
    const edge = newEdge({ directory });
    directory.close();
    const [edgeEnd, agentEnd] = pipe();
    edge.edge.acceptAgent(edgeEnd);
    const { session } = new PlayedAgent(agentEnd);
    const asked = refusal(session.call(AUTH, AUTH_REQUEST));
    await quiet();
    agentEnd.reset();
    await asked;
    directory.open();
    await quiet();
    expect(edge.log.map(({ message, level }) => [level, message])).toEqual([
      ["debug", "connection of an agent ended before it was let in"],
    ]);
  });

  test.each([
    [{ description: "new" }, "done"],
    [{ trafficPolicy: "" }, "done"],
    [{ trafficPolicy: "{}" }, "a traffic policy"],
    [{ poolingEnabled: true }, "endpoint pooling"],
  ])("answers the change %j with %s", async (change, expected) => {
    const { agent } = await newEdge().agent();
    const request: PatchTunnelRequest = PATCH_TUNNEL_STATE.request.schema.parse({ TunnelId: "tn_1" });
    expect(await refusal(agent.session.call(PATCH_TUNNEL_STATE, { ...request, ...change }))).toContain(expected);
  });

  test("refuses labelled tunnels by name", async () => {
    const { agent } = await newEdge().agent();
    const request = START_TUNNEL_WITH_LABEL.request.schema.parse({ Labels: { edge: "x" } });
    expect(await refusal(agent.session.call(START_TUNNEL_WITH_LABEL, request))).toContain("labelled tunnels");
  });

  test("leaves no timer behind when agents and visitors have gone", async () => {
    const clock = new ManualClock();
    const edge = newEdge({}, clock);
    const old = await edge.agent();
    serve(old, "old");
    const { bindId } = await old.bind(HTTP);
    const young = await edge.agent({ sessionId: old.auth.sessionId });
    serve(young, "young");
    await young.bind({ ...HTTP, Id: bindId });
    for (const status of [await statusOf(edge), await statusOf(edge)]) expect(status).toBe(200);
    young.agent.session.close("");
    await eventually("no timer waits", () => clock.pending === 0);
    await edge.edge.stop(new AbortController().signal);
    expect(clock.pending).toBe(0);
  });
});
