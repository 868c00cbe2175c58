/** Sessions that agents give up at once leave no trace; all others are logged and put on record when it is clear that they stay. */
import { afterEach, describe, expect, test } from "bun:test";
import type { EdgeOptions } from "../../../src/edge/edge.ts";
import type { OnlineRecords } from "../../../src/edge/sessions/online-report.ts";
import { Settling } from "../../../src/edge/sessions/settling.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { AUTH, type AuthRequest } from "../../../src/protocol/rpc/auth.ts";
import { BIND } from "../../../src/protocol/rpc/bind.ts";
import { bindRequest } from "../../support/bind-request.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { AUTH_REQUEST, PlayedAgent } from "../../support/session-pair.ts";
import { testEdge, type TestEdge } from "../../support/test-edge.ts";
import { eventually, quiet } from "../../support/turns.ts";

const GINNEL = { resetCodes: true, takesOver: true, startTunnelVersion: 1 };

function authOf(sessionId: string, ginnel: AuthRequest["agent"]["ginnel"] = GINNEL, legNumber = 1): AuthRequest {
  return { ...AUTH_REQUEST, sessionId, agent: { ...AUTH_REQUEST.agent, ginnel, legNumber } };
}

describe("Settling", () => {
  test.each([
    ["a further session of ours, beside other processes", authOf("a1"), true, false],
    ["it, where there is no other process", authOf("a1"), false, true],
    ["the first session of an agent", authOf(""), true, true],
    ["a further session of another kind of agent", { ...authOf("a1"), agent: AUTH_REQUEST.agent }, true, true],
  ])("of %s", (_, auth, isOneOfSeveral, isSettledAtOnce) => {
    const clock = new ManualClock();
    let settled = 0;
    const settling = new Settling(auth, { isOneOfSeveral, clock, onSettled: () => (settled += 1) });
    expect(settled).toBe(isSettledAtOnce ? 1 : 0);
    clock.advance(1_999);
    expect(settled).toBe(isSettledAtOnce ? 1 : 0);
    clock.advance(1);
    expect(settled).toBe(1);
    settling.settle();
    expect([settled, settling.end(), clock.pending]).toEqual([1, true, 0]);
  });

  test("comes to nothing when the session ends before", () => {
    const clock = new ManualClock();
    let settled = 0;
    const settling = new Settling(authOf("a1"), { isOneOfSeveral: true, clock, onSettled: () => (settled += 1) });
    expect(settling.end()).toBe(false);
    settling.settle();
    clock.advance(10_000);
    expect([settled, clock.pending]).toEqual([0, 0]);
  });
});

class Recorded implements OnlineRecords {
  readonly told: string[] = [];
  putSession = (): Promise<void> => this.#tell("session");
  removeSession = (): Promise<void> => this.#tell("no session");
  putEndpoint = async (): Promise<boolean> => {
    await this.#tell("endpoint");
    return true;
  };
  removeEndpoint = (): Promise<void> => this.#tell("no endpoint");
  #tell(what: string): Promise<void> {
    this.told.push(what);
    return Promise.resolve();
  }
}

describe("A further session beside another one of the agent in the same process", () => {
  const edges: TestEdge[] = [];
  afterEach(async () => {
    await Promise.all(edges.splice(0).map(({ end }) => end()));
  });

  interface Scene {
    readonly edge: TestEdge;
    readonly clock: ManualClock;
    readonly records: Recorded;
    readonly further: PlayedAgent;
    readonly told: () => readonly string[];
  }

  async function scene(): Promise<Scene> {
    const [clock, records] = [new ManualClock(), new Recorded()];
    const more: Partial<EdgeOptions> = { process: { number: 1, count: 2 }, online: { records, nodeId: "n" } };
    const edge = testEdge(more, clock);
    edges.push(edge);
    const first = await edge.agent();
    await eventually("the first one is on record", () => records.told.length === 1);
    records.told.length = 0;
    const seen = edge.log.length;
    const [edgeEnd, agentEnd] = pipe();
    edge.edge.acceptAgent(edgeEnd);
    const further = new PlayedAgent(agentEnd);
    await further.session.call(AUTH, authOf(first.auth.sessionId));
    const told = (): readonly string[] =>
      edge.log.slice(seen).flatMap(({ level, message }) => (level === "info" ? [message] : []));
    return { edge, clock, records, further, told };
  }

  test("is told of to nobody when it is given up at once", async () => {
    const { edge, clock, records, further, told } = await scene();
    further.session.close("the agent has enough sessions here");
    await eventually("its end is noted", () => edge.log.at(-1)?.message === "agent gave its session up at once");
    clock.advance(5_000);
    await quiet();
    expect([told(), records.told]).toEqual([[], []]);
    expect(edge.log.at(-1)).toMatchObject({ level: "debug", fields: { detail: "the agent has enough sessions here" } });
  });

  test("is told of when it binds", async () => {
    const { records, further, told } = await scene();
    await further.session.call(BIND, bindRequest({ Proto: "http", Opts: { Domain: "a.edge.test" } }));
    await eventually("both are on record", () => records.told.length === 2);
    expect([told(), records.told]).toEqual([
      ["agent session established", "endpoint online"],
      ["session", "endpoint"],
    ]);
  });

  test("is told of when it stays without a bind, and so is its end", async () => {
    const { clock, records, further, told } = await scene();
    clock.advance(2_000);
    await eventually("it is on record", () => records.told.length === 1);
    further.session.close("");
    await eventually("so is its end", () => records.told.length === 2);
    expect([told(), records.told]).toEqual([
      ["agent session established", "agent session ended"],
      ["session", "no session"],
    ]);
  });
});
