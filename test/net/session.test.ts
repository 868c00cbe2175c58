/** Our agent and our edge, joined in memory, with a clock that the test moves. */
import { describe, expect, test } from "bun:test";
import { PublicError } from "../../src/base/errors.ts";
import { IdleWatch } from "../../src/net/idle-watch.ts";
import { pipe } from "../../src/net/pipe.ts";
import { type Answer, answer, hear } from "../../src/net/rpc-answer.ts";
import { Session, type SessionEnd } from "../../src/net/session.ts";
import { SRV_INFO, UNBIND } from "../../src/protocol/rpc/agent-calls.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { BIND } from "../../src/protocol/rpc/bind.ts";
import { STOP, STOP_TUNNEL, UPDATE } from "../../src/protocol/rpc/edge-commands.ts";
import { ProxyHeaderEncoder } from "../../src/protocol/rpc/proxy-header.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { AUTH_REPLY, AUTH_REQUEST, PlayedAgent, PlayedEdge } from "../support/session-pair.ts";
import { severablePipe } from "../support/severable-pipe.ts";
import { eventually, quiet } from "../support/turns.ts";

const HEADER = new ProxyHeaderEncoder({ bindId: "tn_1", protocol: "http", edgeType: "0", passesTlsThrough: false });
/** Silent loss is to be found in time for a recovery within 15 s. */
const DETECTION_LIMIT_MS = 13_000;

interface Pair {
  readonly agent: PlayedAgent;
  readonly edge: PlayedEdge;
  readonly sever: () => void;
  /** Moves both clocks in steps, with time for what each step causes. */
  readonly pass: (ms: number) => Promise<void>;
}

function pair(agentAnswers: readonly Answer[] = [], edgeAnswers: readonly Answer[] = []): Pair {
  const { ends, sever } = severablePipe();
  const agent = new PlayedAgent(ends[0], agentAnswers);
  const edge = new PlayedEdge(ends[1], edgeAnswers);
  return {
    agent,
    edge,
    sever,
    pass: async (ms) => {
      for (let passedMs = 0; passedMs < ms; passedMs += 500) {
        agent.clock.advance(500);
        edge.clock.advance(500);
        await quiet();
      }
    },
  };
}

async function authenticated(agentAnswers: readonly Answer[] = [], edgeAnswers: readonly Answer[] = []): Promise<Pair> {
  const joined = pair(agentAnswers, edgeAnswers);
  await joined.agent.session.call(AUTH, AUTH_REQUEST);
  return joined;
}

function caught(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "no error",
    (error: unknown) => error,
  );
}

/** An answer that never comes. */
function never(): Promise<never> {
  return new Promise(() => {});
}

describe("calls of a session", () => {
  test("carry Auth to the edge and its reply back", async () => {
    const { agent, edge } = pair();
    expect(await agent.session.call(AUTH, AUTH_REQUEST)).toEqual(AUTH_REPLY);
    expect(edge.authRequests).toEqual([AUTH_REQUEST]);
    expect(edge.session.traits.understandsResetCodes).toBe(true);
  });

  test("run at the same time, in both directions", async () => {
    const gate = Promise.withResolvers<void>();
    const { agent, edge } = await authenticated(
      [answer(UPDATE, async () => (await gate.promise, {}))],
      [answer(UNBIND, async ({ bindId }) => (bindId === "slow" ? await gate.promise : undefined, {}))],
    );
    const slow = [
      agent.session.call(UNBIND, { bindId: "slow" }),
      edge.session.call(UPDATE, { version: "", permitsMajorVersion: false }),
    ];
    expect(await agent.session.call(UNBIND, { bindId: "fast" })).toEqual({});
    gate.resolve();
    expect(await Promise.all(slow)).toEqual([{}, {}]);
    await eventually("their streams are over", () => agent.session.streamsOpen === 1 && edge.session.streamsOpen === 1);
  });

  test("bring a PublicError to the peer with its code", async () => {
    const failing = answer(UNBIND, () => Promise.reject(new PublicError("ERR_NGROK_3200", { host: "a.test" })));
    const { agent, edge } = await authenticated([], [failing]);
    const error = await caught(agent.session.call(UNBIND, { bindId: "x" }));
    expect(error).toMatchObject({ name: "RemoteError", code: "ERR_NGROK_3200", message: "Tunnel a.test not found" });
    expect(edge.faults).toEqual([]);
  });

  test("tell the peer nothing of a fault of ours, and our log everything", async () => {
    const fault = new Error("secret");
    const { agent, edge } = await authenticated([], [answer(UNBIND, () => Promise.reject(fault))]);
    const error = await caught(agent.session.call(UNBIND, { bindId: "x" }));
    expect(error).toMatchObject({ name: "RemoteError", code: undefined });
    expect(String(error)).not.toContain("secret");
    expect(edge.faults).toEqual([fault]);
  });

  test("fail at once when the peer has no answer for them", async () => {
    const { edge } = await authenticated();
    expect(await caught(edge.session.call(STOP, {}))).toMatchObject({ name: "SessionError", reason: "stream reset" });
  });

  test("fail at their deadline, and not before", async () => {
    const { agent } = await authenticated([], [answer(UNBIND, never)]);
    const call = caught(agent.session.call(UNBIND, { bindId: "x" }, 3000));
    let isOver = false;
    void call.then(() => (isOver = true));
    agent.clock.advance(2999);
    await quiet();
    expect(isOver).toBe(false);
    agent.clock.advance(1);
    expect(await call).toMatchObject({ name: "SessionError", reason: "timed out" });
  });

  test("fail when the session ends on either side meanwhile", async () => {
    const { agent, edge } = await authenticated([answer(STOP, never)], [answer(UNBIND, never)]);
    const calls = [caught(agent.session.call(UNBIND, { bindId: "x" })), caught(edge.session.call(STOP, {}))];
    await quiet();
    edge.session.close("going away");
    const ended = { name: "SessionError", reason: "session ended" };
    expect(await Promise.all(calls)).toMatchObject([ended, ended]);
    expect(await caught(agent.session.call(UNBIND, { bindId: "x" }))).toMatchObject(ended);
    expect(await caught(edge.session.call(STOP, {}))).toMatchObject(ended);
  });

  test("without a reply are heard once", async () => {
    const heard: string[] = [];
    const { agent, edge } = await authenticated([hear(STOP_TUNNEL, ({ bindId }) => void heard.push(bindId))]);
    edge.session.notify(STOP_TUNNEL, { bindId: "tn_1", message: "m", errorCode: "" });
    await eventually("it is heard", () => heard.length > 0);
    await eventually("the stream is over", () => agent.session.streamsOpen === 1);
    expect(heard).toEqual(["tn_1"]);
  });

  test("beyond what one peer may have at a time are refused, and there is room again later", async () => {
    const gate = Promise.withResolvers<void>();
    const { agent, edge } = await authenticated([], [answer(UNBIND, async () => (await gate.promise, {}))]);
    await eventually("Auth is over", () => edge.session.streamsOpen === 1);
    const calls = Array.from({ length: 140 }, () => caught(agent.session.call(UNBIND, { bindId: "x" })));
    await quiet();
    gate.resolve();
    const results = await Promise.all(calls);
    expect(results.filter((result) => result === "no error")).toHaveLength(128);
    await eventually("their streams are over", () => edge.session.streamsOpen === 1);
    expect(await agent.session.call(UNBIND, { bindId: "x" })).toEqual({});
  });
});

describe("EdgeSession", () => {
  test("answers SrvInfo before Auth, refuses binds, and ends when Auth does not come", async () => {
    const bind = answer(BIND, never);
    const { agent, edge, pass } = pair([], [bind, answer(SRV_INFO, async () => ({ region: "eu" }))]);
    expect(await agent.session.call(SRV_INFO, {})).toEqual({ region: "eu" });
    const request = BIND.request.schema.parse({ Proto: "http" });
    expect(await caught(agent.session.call(BIND, request))).toMatchObject({ reason: "stream reset" });
    expect(edge.session.openProxy(HEADER, "1.1.1.1:1")).toBeUndefined();
    await pass(29_000);
    expect(edge.ends).toEqual([]);
    await pass(4_000);
    expect(edge.ends).toEqual([{ type: "unauthenticated" }]);
  });

  test("takes one Auth, whether it was granted or refused", async () => {
    const { agent, edge } = await authenticated();
    expect(await caught(agent.session.call(AUTH, AUTH_REQUEST))).toMatchObject({ name: "RemoteError" });
    expect(edge.authRequests).toHaveLength(1);
    expect(edge.session.openProxy(HEADER, "1.1.1.1:1")).toBeDefined();

    const refused = pair();
    refused.edge.authenticate = () => Promise.reject(new PublicError("ERR_NGROK_105", {}));
    const error = await caught(refused.agent.session.call(AUTH, AUTH_REQUEST));
    expect(error).toMatchObject({ name: "RemoteError", code: "ERR_NGROK_105" });
    refused.edge.authenticate = () => Promise.resolve(AUTH_REPLY);
    expect(await caught(refused.agent.session.call(AUTH, AUTH_REQUEST))).toMatchObject({ name: "RemoteError" });
    await refused.pass(7_500);
    expect(refused.edge.ends).toEqual([{ type: "unauthenticated" }]);
  });

  test("opens no more proxy streams than the agent bears", async () => {
    const { agent, edge } = pair();
    const extra = { ...AUTH_REQUEST.agent, clientType: "ngrok-javascript", userAgent: "ngrok-rust/0.18.0" };
    await agent.session.call(AUTH, { ...AUTH_REQUEST, agent: extra });
    await eventually("Auth is over", () => edge.session.streamsOpen === 1);
    const streams = Array.from({ length: 600 }, () => edge.session.openProxy(HEADER, "1.1.1.1:1"));
    expect(streams.filter((stream) => stream !== undefined)).toHaveLength(499);
    streams[0]?.listen(new RecordingListener());
    streams[0]?.reset();
    await eventually("one is over", () => edge.session.streamsOpen < 500);
    expect(edge.session.openProxy(HEADER, "1.1.1.1:1")).toBeDefined();
  });
});

describe("proxy streams", () => {
  test("bring header and first payload to the agent, then bytes both ways and both ends", async () => {
    const { agent, edge } = await authenticated();
    const stream = edge.session.openProxy(HEADER, "203.0.113.7:51234", Buffer.from("GET /"));
    const heard = new RecordingListener(stream);
    await eventually("the visitor came", () => agent.proxies.length === 1);
    const [proxy] = agent.proxies;
    expect(proxy?.header).toMatchObject({ bindId: "tn_1", visitorAddress: "203.0.113.7:51234", protocol: "http" });
    expect(proxy?.payload).toBe("GET /");
    stream?.write(Buffer.from(" HTTP/1.1"));
    stream?.end();
    proxy?.stream.write(Buffer.from("HTTP/1.1 200"));
    proxy?.stream.end();
    await heard.until(() => heard.isClosed);
    await proxy?.heard.until(() => proxy.heard.isClosed);
    expect([heard.text, heard.cause, proxy?.heard.text]).toEqual(["HTTP/1.1 200", undefined, " HTTP/1.1"]);
  });

  test("carry a payload that is larger than a frame behind the header", async () => {
    const { agent, edge } = await authenticated();
    const payload = "x".repeat(100_000);
    edge.session.openProxy(HEADER, "1.1.1.1:1", Buffer.from(payload));
    const whole = (): string => `${agent.proxies[0]?.payload ?? ""}${agent.proxies[0]?.heard.text ?? ""}`;
    await eventually("all came", () => whole().length === payload.length);
    expect(whole()).toBe(payload);
  });

  test("bring the code of a reset to the edge", async () => {
    const { agent, edge } = await authenticated();
    const heard = new RecordingListener(edge.session.openProxy(HEADER, "1.1.1.1:1"));
    await eventually("the visitor came", () => agent.proxies.length === 1);
    agent.proxies[0]?.stream.reset(7);
    await heard.until(() => heard.isClosed);
    expect(heard.cause).toEqual({ code: "RESET", resetCode: 7 });
  });

  test("end with the session", async () => {
    const { agent, edge } = await authenticated();
    const heard = new RecordingListener(edge.session.openProxy(HEADER, "1.1.1.1:1"));
    await eventually("the visitor came", () => agent.proxies.length === 1);
    agent.session.close("bye");
    await heard.until(() => heard.isClosed);
    expect(heard.cause).toMatchObject({ code: "SESSION_ENDED" });
    expect([agent.ends, edge.ends]).toEqual([[{ type: "closed" }], [{ type: "goAway", code: 0, message: "bye" }]]);
  });
});

describe("heartbeats", () => {
  test("measure the way there and back on both sides and keep a quiet session alive", async () => {
    const { agent, edge, pass } = await authenticated();
    await pass(120_000);
    expect(agent.roundTripsMs.length).toBeGreaterThan(15);
    expect(edge.roundTripsMs.length).toBeGreaterThan(15);
    expect([agent.ends, edge.ends]).toEqual([[], []]);
    expect([agent.session.streamsOpen, edge.session.streamsOpen]).toEqual([2, 2]);
  });

  test.each([0, 1_000, 2_500, 4_500])("find silent loss after %d ms on both sides in time", async (aliveMs) => {
    const { agent, edge, sever, pass } = await authenticated();
    await pass(aliveMs);
    sever();
    await pass(DETECTION_LIMIT_MS);
    expect([agent.ends, edge.ends]).toEqual([[{ type: "silent" }], [{ type: "silent" }]]);
    expect(await caught(agent.session.call(UNBIND, { bindId: "x" }))).toMatchObject({ reason: "session ended" });
    expect(edge.session.openProxy(HEADER, "1.1.1.1:1")).toBeUndefined();
  });

  test("leave no timer behind when a session has ended", async () => {
    const { agent, edge, pass } = await authenticated();
    await pass(1_000);
    agent.session.close("bye");
    await eventually("both ended", () => agent.ends.length === 1 && edge.ends.length === 1);
    await pass(7_000);
    expect([agent.clock.pending, edge.clock.pending]).toEqual([0, 0]);
  });
});

test("Session ends at a fault in a waking of its own, tells it once and harms nobody else", async () => {
  const [edgeEnd, agentEnd] = pipe();
  const agent = new PlayedAgent(agentEnd);
  const clock = new ManualClock();
  const [faults, ends]: [unknown[], SessionEnd[]] = [[], []];
  const onFault = (fault: unknown): void => void faults.push(fault);
  const session = new Session(
    edgeEnd,
    {
      name: "edge",
      answers: [],
      admits: () => true,
      onProxyStream: undefined,
      onHeard: () => {},
      onClose: (end) => ends.push(end),
    },
    { clock, idleWatch: new IdleWatch(clock, onFault), onFault },
  );
  const error = new Error("ours");
  session.clock.after(500, () => {
    throw error;
  });
  clock.advance(500);
  await eventually("both ended", () => ends.length === 1 && agent.ends.length === 1);
  expect([faults, ends]).toEqual([[error], [{ type: "fault", error }]]);
  expect(agent.ends).toEqual([{ type: "lost", cause: expect.anything() }]);
});
