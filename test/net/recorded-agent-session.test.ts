/** An agent session that hears what an edge sent to published agents. */
import { describe, expect, test } from "bun:test";
import { PublicError } from "../../src/base/errors.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { pipe } from "../../src/net/pipe.ts";
import { type Answer, answer, hear } from "../../src/net/rpc-answer.ts";
import { PATCH_TUNNEL_STATE, START_TUNNEL_WITH_LABEL, UNBIND } from "../../src/protocol/rpc/agent-calls.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { BIND, type BindRequest } from "../../src/protocol/rpc/bind.ts";
import { RESTART, STOP, STOP_TUNNEL, type StopTunnelRequest, UPDATE } from "../../src/protocol/rpc/edge-commands.ts";
import { framesOf } from "../support/frame-recorder.ts";
import { recordedFrames, type RECORDINGS } from "../support/recorded-session.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { AUTH_REQUEST, PlayedAgent } from "../support/session-pair.ts";
import { eventually } from "../support/turns.ts";

type Recording = (typeof RECORDINGS)[number];

const BIND_REQUEST: BindRequest = BIND.request.schema.parse({ Proto: "https" });

interface Played {
  readonly agent: PlayedAgent;
  readonly edgeEnd: Duplex;
  /** What the agent sent on a stream, joined. */
  readonly sent: (id: number) => Buffer;
  readonly hasFin: (id: number) => boolean;
}

function playAgent(answers: readonly Answer[] = []): Played {
  const [agentEnd, edgeEnd] = pipe();
  const heard = new RecordingListener(edgeEnd);
  const dataOf = (id: number): { payload: Buffer; fin: boolean }[] =>
    framesOf(heard.heard).flatMap((frame) => (frame.type === "data" && frame.id === id ? [frame] : []));
  return {
    agent: new PlayedAgent(agentEnd, answers),
    edgeEnd,
    sent: (id) => Buffer.concat(dataOf(id).map(({ payload }) => payload)),
    hasFin: (id) => dataOf(id).some(({ fin }) => fin),
  };
}

async function fromEdge(recording: Recording): Promise<Buffer> {
  const frames = (await recordedFrames(recording)).filter(({ dir }) => dir === "edge->agent");
  return Buffer.concat(frames.map(({ bytes }) => bytes));
}

describe("AgentSession", () => {
  test.each([1, 7, 1 << 20])("lives the life of js-http, cut into pieces of %d bytes", async (pieceBytes) => {
    const { agent, edgeEnd, sent } = playAgent();
    const auth = agent.session.call(AUTH, AUTH_REQUEST);
    const bind = agent.session.call(BIND, BIND_REQUEST);
    const unbinds = [1, 2].map(() => agent.session.call(UNBIND, { bindId: "tn_example0001" }));
    // Heartbeat stream first (protocol.md section 12), so that the ids are those of the recording.
    await eventually("the requests are out", () => sent(11).length > 0);
    expect(sent(3)).toEqual(Buffer.of(0xff, 0xff, 0xff, 0xff));
    expect([5, 7, 9, 11].map((id) => sent(id).readUInt32BE(0))).toEqual([0, 1, 2, 2]);

    const bytes = await fromEdge("js-http");
    for (let at = 0; at < bytes.length; at += pieceBytes) edgeEnd.write(bytes.subarray(at, at + pieceBytes));
    expect(await auth).toMatchObject({ version: "3", sessionId: "ts_example0001", edge: { cookie: "cookie-example" } });
    expect(await bind).toMatchObject({
      bindId: "tn_example0001",
      url: "https://demo.edge.test",
      extra: { token: "token-tn_example0001", tunnelId: "tn_example0001" },
    });
    expect(await Promise.all(unbinds)).toEqual([{}, {}]);
    await eventually("the visitor came whole", () => agent.proxies[0]?.heard.hasEnded === true);
    const [visitor] = agent.proxies;
    expect(visitor?.header).toMatchObject({ bindId: "tn_example0001", visitorAddress: "203.0.113.7:51234" });
    expect(`${visitor?.payload}${visitor?.heard.text}`).toStartWith("GET /hello?x=1 HTTP/1.1\r\nHost: demo.edge.test");
    await eventually("the edge's beat is echoed", () => sent(4).length === 4);
    expect(sent(4)).toEqual(Buffer.of(0x0b, 0xad, 0xca, 0xfe));
    expect([agent.faults, agent.ends]).toEqual([[], []]);
  });

  test("takes the replies to binds of every kind from js-binds", async () => {
    const { agent, edgeEnd } = playAgent();
    const unanswered = agent.session.call(AUTH, AUTH_REQUEST).catch((error: unknown) => error);
    const binds = [1, 2, 3].map(() => agent.session.call(BIND, BIND_REQUEST));
    const labelled = agent.session.call(START_TUNNEL_WITH_LABEL, {
      labels: { env: "dev" },
      forwardsTo: "",
      forwardsProtocol: "",
      metadata: "",
    });
    edgeEnd.write(await fromEdge("js-binds"));
    expect((await Promise.all(binds)).map(({ url }) => url)).toEqual([
      "http://demo.edge.test",
      "tls://demo.edge.test",
      "tls://demo.edge.test",
    ]);
    expect(await labelled).toEqual({ bindId: "tn_example0004" });
    agent.clock.advance(10_000);
    expect(await unanswered).toMatchObject({ name: "SessionError", reason: "timed out" });
  });

  test("takes the replies and visitors of go-tcp-patch, and hears the reset", async () => {
    const { agent, edgeEnd, sent } = playAgent();
    // Go opened its Auth first: our heartbeat has its place, and the calls have the ids 5, 7 and 9.
    const skipped = agent.session.call(AUTH, AUTH_REQUEST).catch(() => undefined);
    const bind = agent.session.call(BIND, BIND_REQUEST);
    const unchanged = { name: undefined, metadata: undefined, poolingEnabled: undefined, trafficPolicy: undefined };
    const patch = agent.session.call(PATCH_TUNNEL_STATE, { tunnelId: "t", description: "d", ...unchanged });
    await eventually("the requests are out", () => sent(9).length > 0);
    edgeEnd.write(await fromEdge("go-tcp-patch"));
    expect(await bind).toMatchObject({ url: "tcp://demo.edge.test:20001", protocol: "tcp" });
    expect(await patch).toEqual({});
    await eventually("both visitors came", () => agent.proxies[1]?.heard.isClosed === true);
    expect(agent.proxies.map(({ header }) => header.protocol)).toEqual(["tcp", "tcp"]);
    expect(agent.proxies[1]?.heard.cause).toEqual({ code: "RESET", resetCode: 6 });
    agent.clock.advance(10_000);
    await skipped;
  });

  test("gets the code of the refusal in js-auth-error", async () => {
    const { agent, edgeEnd } = playAgent();
    const refused = agent.session.call(AUTH, AUTH_REQUEST).catch((error: unknown) => error);
    edgeEnd.write(await fromEdge("js-auth-error"));
    expect(await refused).toMatchObject({ name: "RemoteError", code: "ERR_NGROK_107" });
  });

  test("gets the code of the refusal in js-bind-error", async () => {
    const { agent, edgeEnd } = playAgent();
    const unanswered = agent.session.call(AUTH, AUTH_REQUEST).catch(() => "unanswered");
    const refused = agent.session.call(BIND, BIND_REQUEST).catch((error: unknown) => error);
    edgeEnd.write(await fromEdge("js-bind-error"));
    expect(await refused).toMatchObject({ name: "RemoteError", code: "ERR_NGROK_334" });
    agent.clock.advance(10_000);
    expect(await unanswered).toBe("unanswered");
  });

  test("obeys the commands of js-commands and answers as recorded", async () => {
    const obeyed: string[] = [];
    const stopped: StopTunnelRequest[] = [];
    const { agent, edgeEnd, sent, hasFin } = playAgent([
      answer(STOP, async () => (obeyed.push("stop"), {})),
      answer(RESTART, async () => (obeyed.push("restart"), {})),
      answer(UPDATE, async ({ version }) => {
        obeyed.push(version);
        throw new PublicError("ERR_NGROK_3200", { host: "x" });
      }),
      hear(STOP_TUNNEL, (request) => void stopped.push(request)),
    ]);
    edgeEnd.write(await fromEdge("js-commands"));
    await eventually("all are answered", () => [2, 4, 6, 8].every((id) => hasFin(id)));
    expect(obeyed).toEqual(["stop", "restart", "1.2.3"]);
    expect([2, 4].map((id) => sent(id).toString())).toEqual(["{}", "{}"]);
    expect(JSON.parse(sent(6).toString())).toEqual({ Error: expect.stringMatching(/\n\nERR_NGROK_3200\n$/) });
    expect(sent(8)).toHaveLength(0);
    const message = "The endpoint was stopped by an operator.";
    expect(stopped).toEqual([{ bindId: "tn_example0001", message, errorCode: "ERR_NGROK_0" }]);
    expect(agent.faults).toEqual([]);
  });
});
