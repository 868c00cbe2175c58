/** Commands to agents that a test plays, over sessions of a whole edge. */
import { afterEach, describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import { agentWords } from "../../../src/edge/sessions/command-failure.ts";
import { COMMAND_LIMIT_MS } from "../../../src/edge/sessions/leg-commands.ts";
import type { OnlineRecords } from "../../../src/edge/sessions/online-report.ts";
import type { TunnelSession } from "../../../src/model/records/tunnel-session.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { type Answer, answer } from "../../../src/net/rpc-answer.ts";
import { AUTH } from "../../../src/protocol/rpc/auth.ts";
import { BIND } from "../../../src/protocol/rpc/bind.ts";
import { RESTART, STOP, UPDATE } from "../../../src/protocol/rpc/edge-commands.ts";
import { MAX_DEFINITION_BYTES, MAX_DEFINITION_DEPTH, START_TUNNEL } from "../../../src/protocol/rpc/remote-tunnel.ts";
import { encodeRefusal } from "../../../src/protocol/rpc/rpc-call.ts";
import { bindRequest } from "../../support/bind-request.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { PlayedAgent } from "../../support/session-pair.ts";
import { testEdge, type TestEdge } from "../../support/test-edge.ts";
import { eventually } from "../../support/turns.ts";

const NODE = "node-1";
/** What an agent of ours says that may be commanded. */
const WILLING = {
  ClientType: "ginnel",
  StopUnsupportedError: "",
  RestartUnsupportedError: "",
  UpdateUnsupportedError: "",
  Ginnel: { StartTunnel: 1 },
};

interface Scene extends Pick<TestEdge, "edge"> {
  readonly clock: ManualClock;
  readonly sessions: Map<string, TunnelSession>;
  readonly log: TestEdge["log"];
  /** Connects an agent that said this in Auth; its record. */
  readonly connect: (
    answers: readonly Answer[],
    extra?: object,
    clientId?: string,
  ) => Promise<{ readonly agent: PlayedAgent; readonly session: TunnelSession; readonly clientId: string }>;
}

const edges: TestEdge[] = [];
afterEach(async () => {
  await Promise.all(edges.splice(0).map(({ end }) => end()));
});

function scene(): Scene {
  const clock = new ManualClock();
  const sessions = new Map<string, TunnelSession>();
  const records: OnlineRecords = {
    putSession: async (session) => void sessions.set(session.id, session),
    removeSession: async (id) => void sessions.delete(id),
    putEndpoint: async () => true,
    removeEndpoint: async () => {},
  };
  const made = testEdge({ online: { records, nodeId: NODE } }, clock);
  edges.push(made);
  return {
    edge: made.edge,
    clock,
    sessions,
    log: made.log,
    connect: async (answers, extra = WILLING, clientId = "") => {
      const [edgeEnd, agentEnd] = pipe({ remoteAddresses: ["192.0.2.1:1", "<edge>"] });
      made.edge.acceptAgent(edgeEnd);
      const agent = new PlayedAgent(agentEnd, answers);
      const request = AUTH.request.schema.parse({ ClientId: clientId, Extra: extra });
      const reply = await agent.session.call(AUTH, request);
      await eventually("it is on record", () => sessions.has(reply.edge.agentSessionId));
      const session = sessions.get(reply.edge.agentSessionId);
      if (session === undefined) throw new Error("no record");
      return { agent, session, clientId: reply.sessionId };
    },
  };
}

async function failureOf(work: Promise<unknown>): Promise<readonly unknown[]> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof PublicError ? [error.status, error.code, error.message] : [error];
}

/** Answers with these bytes, whatever was asked. */
function answersBytes(streamType: number, text: string): Answer {
  const bytes = new TextEncoder().encode(text);
  return { streamType, reply: () => Promise.resolve(bytes), refuse: () => undefined };
}

/** Reads the call and keeps silent. */
function silent(streamType: number): Answer {
  return { streamType, reply: () => new Promise(() => {}), refuse: () => undefined };
}

describe("LegCommands", () => {
  test("stop, restart and update tell the one session that was named", async () => {
    const { edge, connect } = scene();
    const heard: unknown[] = [];
    const hearing = (who: string): readonly Answer[] => [
      answer(STOP, async () => (heard.push([who, "stop"]), {})),
      answer(RESTART, async () => (heard.push([who, "restart"]), {})),
      answer(UPDATE, async ({ version }) => (heard.push([who, "update", version]), {})),
    ];
    const { clientId } = await connect(hearing("leg 0"));
    const second = await connect(hearing("leg 1"), { ...WILLING, LegNumber: 1 }, clientId);
    await connect(hearing("another agent"));
    await edge.agentCommands.stop(second.session);
    await edge.agentCommands.restart(second.session);
    await edge.agentCommands.update(second.session, "9.1");
    expect(heard).toEqual([
      ["leg 1", "stop"],
      ["leg 1", "restart"],
      ["leg 1", "update", "9.1"],
    ]);
  });

  test.each([
    ["words of its own", encodeRefusal(STOP, "not today"), [400, "ERR_GINNEL_AGENT_REFUSES"], "not today"],
    [
      "words that steer a terminal",
      encodeRefusal(STOP, "a\u001b[31m\u202eb\r\n\u0000c"),
      [400, "ERR_GINNEL_AGENT_REFUSES"],
      ": a [31m b c",
    ],
    [
      "that its user forbids it",
      encodeRefusal(STOP, "off\n\nERR_GINNEL_REMOTE_COMMAND\n"),
      [403, "ERR_GINNEL_AGENT_FORBIDS"],
      "The agent may not be told to stop: off",
    ],
    [
      "a published code",
      encodeRefusal(STOP, "taken\n\nERR_NGROK_334\n"),
      [400, "ERR_GINNEL_AGENT_REFUSES"],
      "taken (ERR_NGROK_334)",
    ],
    ["what is no JSON", new TextEncoder().encode("{nonsense}"), [502, "ERR_GINNEL_AGENT_LOST"], "not JSON"],
    ["what is no object", new TextEncoder().encode("[1]"), [502, "ERR_GINNEL_AGENT_LOST"], "JSON object"],
  ] as const)("stop tells of an agent that answers %s", async (_, bytes, expected, text) => {
    const { edge, connect } = scene();
    const { session } = await connect([answersBytes(STOP.streamType, new TextDecoder().decode(bytes))]);
    const [status, code, message] = await failureOf(edge.agentCommands.stop(session));
    expect([status, code]).toEqual([...expected]);
    expect(String(message)).toContain(text);
  });

  test("stop waits for an answer only so long", async () => {
    const { edge, clock, connect, log } = scene();
    const { session } = await connect([silent(STOP.streamType)]);
    const failure = failureOf(edge.agentCommands.stop(session));
    clock.advance(COMMAND_LIMIT_MS);
    expect((await failure).slice(0, 2)).toEqual([504, "ERR_GINNEL_AGENT_SILENT"]);
    const line = log.find(({ message }) => message === "agent did not obey");
    expect(line?.fields).toMatchObject({ session: session.id, command: "stop" });
  });

  test("stop does not wait for an agent that resets the call, or goes", async () => {
    const { edge, connect } = scene();
    const deaf = await connect([]);
    expect((await failureOf(edge.agentCommands.stop(deaf.session))).slice(0, 2)).toEqual([
      502,
      "ERR_GINNEL_AGENT_LOST",
    ]);
    const leaving = await connect([silent(STOP.streamType)]);
    const failure = failureOf(edge.agentCommands.stop(leaving.session));
    leaving.agent.session.close("");
    expect((await failure).slice(0, 2)).toEqual([502, "ERR_GINNEL_AGENT_LOST"]);
  });

  test("a published agent that never answers what it cannot do is not asked", async () => {
    const { edge, connect } = scene();
    const go = { ClientType: "ngrok-go", UserAgent: "ngrok-go/2.0", StopUnsupportedError: "no callback" };
    const { session } = await connect([silent(STOP.streamType)], go);
    expect(await failureOf(edge.agentCommands.stop(session))).toEqual([
      400,
      "ERR_GINNEL_AGENT_REFUSES",
      "The agent refuses to stop: no callback",
    ]);
  });

  test("sessions that are not online here have failures of their own", async () => {
    const { edge, connect } = scene();
    const { agent, session } = await connect([]);
    agent.session.close("");
    await eventually("it has gone", () => edge.figures.legs === 0);
    expect((await failureOf(edge.agentCommands.stop(session))).slice(0, 2)).toEqual([404, "ERR_GINNEL_AGENT_OFFLINE"]);
    const elsewhere = { ...session, nodeId: "node-2" };
    expect((await failureOf(edge.agentCommands.restart(elsewhere))).slice(0, 2)).toEqual([
      501,
      "ERR_GINNEL_AGENT_ELSEWHERE",
    ]);
  });

  test("startTunnel answers the record of what the agent has bound", async () => {
    const { edge, connect } = scene();
    const asked: unknown[] = [];
    const connected = await connect([
      answer(START_TUNNEL, async ({ definition }) => {
        asked.push(definition);
        const wish = bindRequest({ Proto: "http", Opts: { Domain: "a.edge.test" } });
        const { bindId } = await connected.agent.session.call(BIND, wish);
        return { bindId };
      }),
    ]);
    const definition = { proto: "http", addr: 80, name: "web" };
    const endpoint = await edge.agentCommands.startTunnel(connected.session, definition);
    expect(asked).toEqual([definition]);
    expect(endpoint).toMatchObject({ url: "http://a.edge.test", sessionId: connected.session.id, nodeId: NODE });
  });

  test("startTunnel takes no bind of somebody else, and none that is not there", async () => {
    const { edge, connect } = scene();
    const other = await connect([]);
    const { bindId } = await other.agent.session.call(
      BIND,
      bindRequest({ Proto: "http", Opts: { Domain: "a.edge.test" } }),
    );
    for (const claimed of [bindId, "x", ""]) {
      const { session } = await connect([answer(START_TUNNEL, async () => ({ bindId: claimed }))]);
      const failure = await failureOf(edge.agentCommands.startTunnel(session, { proto: "http", addr: "80" }));
      expect(failure.slice(0, 2)).toEqual([502, "ERR_GINNEL_AGENT_LOST"]);
    }
  });

  test("startTunnel is sent to agents that know it only, and within its limits", async () => {
    const { edge, connect } = scene();
    const heard: unknown[] = [];
    const hearing = [answer(START_TUNNEL, async (request) => (heard.push(request), { bindId: "" }))];
    const foreign = await connect(hearing, { ...WILLING, Ginnel: {} });
    expect((await failureOf(edge.agentCommands.startTunnel(foreign.session, {}))).slice(0, 2)).toEqual([
      403,
      "ERR_GINNEL_AGENT_FORBIDS",
    ]);
    const { session } = await connect(hearing);
    let deep: object = {};
    for (let depth = 0; depth < MAX_DEFINITION_DEPTH; depth++) deep = { deep };
    for (const definition of [{ metadata: "x".repeat(MAX_DEFINITION_BYTES) }, { deep }]) {
      const failure = await failureOf(edge.agentCommands.startTunnel(session, definition));
      expect(failure.slice(0, 2)).toEqual([400, "ERR_GINNEL_REMOTE_TUNNEL"]);
    }
    expect(heard).toEqual([]);
  });

  test("tunnelTakers names one session of each agent that is willing", async () => {
    const { edge, connect } = scene();
    const first = await connect([]);
    await connect([], { ...WILLING, LegNumber: 1 }, first.clientId);
    await connect([], { ...WILLING, StopUnsupportedError: "no" });
    await connect([], { ...WILLING, Ginnel: undefined });
    expect(await edge.agentCommands.tunnelTakers(first.session.accountId)).toEqual([first.session.id]);
    expect(await edge.agentCommands.tunnelTakers("acct_other")).toEqual([]);
    const second = await connect([]);
    expect(await edge.agentCommands.tunnelTakers(first.session.accountId)).toEqual([
      first.session.id,
      second.session.id,
    ]);
  });
});

describe("agentWords", () => {
  test("agentWords keeps to one line of a limited length, and well-formed text", () => {
    expect(agentWords(" a\n\n b\tc ")).toBe("a b c");
    const long = agentWords("😀".repeat(10_000));
    expect(long.length).toBeLessThanOrEqual(501);
    expect(long.isWellFormed()).toBe(true);
    expect(agentWords("\ud800x")).toBe("\ufffdx");
  });
});
