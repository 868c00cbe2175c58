/** The legs of an agent against an edge in memory that says for each session which of its processes has it. */
import { afterEach, describe, expect, test } from "bun:test";
import { AgentLegs } from "../../src/agent/agent-legs.ts";
import { PublicError } from "../../src/base/errors.ts";
import type { AuthRequest } from "../../src/protocol/rpc/auth.ts";
import { recordingLog, type RecordedLine } from "../support/recording-log.ts";
import { replyFrom, ScriptedEdge } from "../support/scripted-edge.ts";
import { eventually, quiet } from "../support/turns.ts";

interface Scene {
  readonly legs: AgentLegs;
  readonly edge: ScriptedEdge;
  readonly lines: readonly RecordedLine[];
  readonly refusals: unknown[];
  /** States of all together, as they were told. */
  readonly told: string[];
  /** The legs of the sessions that were handed over. */
  readonly handed: number[];
  /** Of the next sessions that come about, the process of each; then no answer comes. */
  readonly places: number[];
  /** Processes of the edge. */
  workers: number;
}

const playing: Scene[] = [];
afterEach(async () => {
  for (const { legs, edge } of playing.splice(0)) {
    const stopped = legs.stop();
    edge.clock.advance(10_000);
    await stopped;
  }
});

function play(workers: number, ...places: number[]): Scene {
  const edge = new ScriptedEdge();
  const { log, lines } = recordingLog();
  const told: string[] = [];
  const handed: number[] = [];
  const refusals: unknown[] = [];
  const legs = new AgentLegs(
    {
      connect: edge.connect,
      identity: { authtoken: "", version: "0", metadata: "", configVersion: "", allowsRemoteManagement: false },
      heartbeat: { intervalMs: 5_000, toleranceMs: 5_000 },
      region: undefined,
      clock: edge.clock,
      log,
      random: () => 0.5,
    },
    {
      answers: [],
      onSession: (_, leg) => handed.push(leg),
      onVisitor: () => {},
      onState: () => told.push(legs.best.state),
      onRefused: (refusal) => refusals.push(refusal),
    },
  );
  const scene: Scene = { legs, edge, lines, told, handed, refusals, places, workers };
  edge.authenticate = () => {
    const place = places.shift();
    return place === undefined ? new Promise(() => {}) : Promise.resolve(replyFrom(place, scene.workers));
  };
  playing.push(scene);
  legs.start();
  return scene;
}

const statesOf = ({ legs }: Scene): readonly string[] => legs.all.map(({ state }) => state);

async function online(scene: Scene, count: number): Promise<void> {
  const isOnline = (): number => statesOf(scene).filter((state) => state === "online").length;
  await eventually(`${count} legs are online`, () => isOnline() === count);
}

/** Lets the legs that wait for a place go once more, as often as it takes. */
async function until(scene: Scene, claim: string, holds: () => boolean): Promise<void> {
  await eventually(claim, () => {
    if (!holds()) scene.edge.clock.advance(50);
    return holds();
  });
}

const whoOf = ({ sessionId, agent }: AuthRequest): readonly unknown[] => [sessionId, agent.cookie, agent.legNumber];

describe("AgentLegs", () => {
  test("has one leg at an edge that says nothing of processes", async () => {
    const s = play(0, 0);
    await online(s, 1);
    await quiet();
    expect([s.legs.all.length, s.edge.dials]).toEqual([1, 1]);
  });

  test("opens a leg for each process, as the same agent, and tells the user of the first alone", async () => {
    const s = play(3, 2, 1, 3);
    await online(s, 3);
    expect(s.edge.authRequests.map(whoOf)).toEqual([
      ["", "", 0],
      ["ts_1", "cookie", 1],
      ["ts_1", "cookie", 2],
    ]);
    expect(s.handed).toEqual([0, 1, 2]);
    expect(new Set(s.told)).toEqual(new Set(["connecting", "online"]));
    expect(s.lines.filter(({ level }) => level !== "debug").map(({ message }) => message)).toEqual([
      "client session established",
      "tunnel session started",
    ]);
    expect(s.legs.all[2]).toMatchObject({ state: "online", reason: undefined, region: "eu", sessionCount: 1 });
  });

  test("goes once more when a leg comes to a process that has one, with a goodbye, and not without a pause", async () => {
    const s = play(2, 1, 1, 1, 2);
    await eventually("the second leg is told to go", () => s.edge.sessions[1]?.ends.length === 1);
    expect(s.edge.sessions[1]?.ends).toMatchObject([{ type: "goAway", code: 0 }]);
    await quiet();
    expect([s.edge.dials, s.legs.all[1]?.state, s.handed]).toEqual([2, "connecting", [0]]);
    expect(s.legs.all[1]?.reason).toContain("has a session in the process");
    await until(s, "both are online", () => statesOf(s).join() === "online,online");
    expect([s.edge.dials, s.handed, s.legs.all[1]?.sessionCount]).toEqual([4, [0, 1], 1]);
  });

  test("stays online while the first leg is away, and reports what the other one measures", async () => {
    const s = play(2, 1, 2);
    await online(s, 2);
    s.edge.clock.advance(2_000);
    s.edge.drop(0);
    await eventually("the first leg is away", () => s.legs.all[0]?.state === "reconnecting");
    expect([s.legs.best.state, s.legs.best.reason, s.legs.edge?.region]).toEqual(["online", undefined, "eu"]);
    expect(s.lines.at(-1)?.message).toBe("session closed, starting reconnect loop");
    s.places.push(1);
    await until(s, "it is back", () => statesOf(s).join() === "online,online");
    expect(s.edge.authRequests.map(whoOf).at(-1)).toEqual(["ts_1", "cookie", 0]);
    expect(new Set(s.told)).toEqual(new Set(["connecting", "online"]));
  });

  test("has its first leg go once more too when it comes back beside another one", async () => {
    const s = play(2, 1, 2);
    await online(s, 2);
    s.edge.clock.advance(2_000);
    s.places.push(2, 1);
    s.edge.drop(0);
    await eventually("it is away", () => s.legs.all[0]?.state === "reconnecting");
    await until(s, "it is back", () => statesOf(s).join() === "online,online");
    expect([s.edge.dials, s.handed]).toEqual([4, [0, 1, 0]]);
  });

  test("does not wait for a better place when the last other leg is lost", async () => {
    const s = play(2, 1, 2, 2, 2);
    await online(s, 2);
    s.edge.clock.advance(2_000);
    s.edge.drop(0);
    await until(s, "the first leg was given up for its place", () => s.edge.dials === 3);
    await eventually("it waits", () => s.legs.all[0]?.reason?.includes("has a session in the process") === true);
    s.edge.drop(1);
    await eventually("it is online, no time has passed", () => s.legs.all[0]?.state === "online");
    expect(s.legs.best.state).toBe("online");
  });

  test("tells a loss of all legs, and comes back with all", async () => {
    const s = play(2, 1, 2);
    await online(s, 2);
    s.edge.clock.advance(2_000);
    s.edge.drop(0);
    s.edge.drop(1);
    await eventually("all are away", () => s.legs.best.state === "reconnecting");
    s.places.push(2, 1);
    await until(s, "both are back", () => statesOf(s).join() === "online,online");
    expect(s.edge.authRequests.slice(2).map(({ sessionId }) => sessionId)).toEqual(["ts_1", "ts_1"]);
  });

  test("gives further legs up when the edge has one process only, whichever comes back first", async () => {
    for (const back of [0, 1]) {
      const s = play(2, 1, 2);
      await online(s, 2);
      s.edge.clock.advance(2_000);
      s.workers = 1;
      s.edge.drop(back);
      s.edge.drop(1 - back);
      s.places.push(1, 1);
      await until(s, "one leg is left", () => statesOf(s).join() === "online");
      await quiet();
      s.edge.clock.advance(1_000);
      await quiet();
      expect([statesOf(s), s.legs.best.state]).toEqual([["online"], "online"]);
      expect(s.edge.sessions.filter(({ ends }) => ends.length === 0)).toHaveLength(1);
    }
  });

  test("gives up the legs of another agent when the edge takes it for a new one", async () => {
    const s = play(2, 1, 2);
    await online(s, 2);
    s.edge.clock.advance(2_000);
    const answers = [replyFrom(1, 2, "ts_new"), replyFrom(2, 2, "ts_new")];
    s.edge.authenticate = () => Promise.resolve(answers.shift() ?? replyFrom(2, 2, "ts_new"));
    s.edge.drop(0);
    await until(s, "the first leg is back", () => s.handed.length >= 3);
    await eventually("the other one ends", () => s.edge.sessions[1]?.ends.length === 1);
    await until(s, "both are online", () => statesOf(s).join() === "online,online");
    expect(s.edge.authRequests.slice(2).map(({ sessionId }) => sessionId)).toEqual(["ts_1", "ts_new"]);
  });

  test("does not serve over a leg that the edge takes for another agent", async () => {
    const s = play(2, 1);
    s.edge.authenticate = ({ agent }) =>
      Promise.resolve(agent.legNumber === 0 ? replyFrom(1, 2) : replyFrom(2, 2, "ts_other"));
    await eventually("the second leg was told to go", () => s.edge.sessions[1]?.ends.length === 1);
    expect([statesOf(s), s.handed]).toEqual([["online", "connecting"], [0]]);
  });

  test("ends with all legs when one is refused for good", async () => {
    const s = play(2, 1, 2);
    await online(s, 2);
    s.edge.clock.advance(2_000);
    s.edge.authenticate = () => Promise.reject(new PublicError("ERR_NGROK_107", {}));
    s.edge.drop(1);
    await until(s, "it is refused", () => s.refusals.length > 0);
    expect(s.refusals).toMatchObject([{ code: "ERR_NGROK_107" }]);
    await eventually("the other one has said goodbye", () => s.edge.sessions[0]?.ends.length === 1);
    expect(s.edge.sessions[0]?.ends).toMatchObject([{ type: "goAway", code: 0 }]);
    s.edge.clock.advance(60_000);
    await quiet();
    expect([statesOf(s), s.edge.dials]).toEqual([["offline", "offline"], 3]);
  });

  test("goes on when a further leg is one too many for the edge", async () => {
    const s = play(2, 1);
    s.edge.authenticate = ({ agent }) =>
      agent.legNumber === 0
        ? Promise.resolve(replyFrom(1, 2))
        : Promise.reject(new PublicError("ERR_NGROK_108", { who: "This edge", limit: 1 }));
    await eventually("it is refused", () => s.legs.all[1]?.reason !== undefined);
    expect([s.legs.best.state, s.refusals]).toEqual(["online", []]);
    expect(s.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("says goodbye on all legs when it stops, and leaves no timer", async () => {
    const s = play(3, 1, 2, 2);
    await online(s, 2);
    await eventually("the third waits for a place", () => s.legs.all[2]?.reason !== undefined);
    const stopped = s.legs.stop();
    await stopped;
    await eventually("the edge has heard it", () => s.edge.sessions.every(({ ends }) => ends.length === 1));
    expect(s.edge.sessions.map(({ ends }) => ends[0]?.type)).toEqual(["goAway", "goAway", "goAway"]);
    expect(statesOf(s)).toEqual(["offline", "offline", "offline"]);
    s.edge.clock.advance(60_000);
    await quiet();
    expect([s.edge.dials, s.edge.clock.pending]).toEqual([3, 0]);
  });

  test("takes up legs that an edge gets processes for later", async () => {
    const s = play(0, 0);
    await online(s, 1);
    s.edge.clock.advance(2_000);
    s.workers = 2;
    s.places.push(1, 2);
    s.edge.drop();
    await until(s, "both are online", () => statesOf(s).join() === "online,online");
    expect(s.handed).toEqual([0, 0, 1]);
  });
});
