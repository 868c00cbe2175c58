/** Our agent with a leg in each process of an edge: a hub and a worker in one process, joined by a connection in memory. */
import { afterEach, describe, expect, test } from "bun:test";
import { Agent } from "../../../src/agent/agent.ts";
import type { LegStatus } from "../../../src/agent/session-driver.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { EdgeWorker } from "../../../src/edge/workers/edge-worker.ts";
import type { Duplex } from "../../../src/net/duplex.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { noLog } from "../../../src/telemetry/logger.ts";
import { freePorts } from "../../support/free-ports.ts";
import { type LogLine, LOOPBACK, testEdge, type TestEdge, testEdgeOptions } from "../../support/test-edge.ts";
import { httpTunnel } from "../../support/tunnel-definitions.ts";
import { eventually } from "../../support/turns.ts";
import { visit } from "../../support/visit.ts";

/** Who of the two processes a session comes to. */
type Side = "hub" | "worker";

interface Scene {
  readonly hub: TestEdge;
  readonly agent: Agent;
  /** Where the sessions to come get to; the last one stays for all that follow. */
  readonly ways: Side[];
  /** How often an endpoint was bound there. */
  readonly bound: (side: Side) => number;
  /** Cuts the sessions that came there. */
  readonly cut: (side: Side) => void;
  /** What a visitor who comes there is shown; at `/hold` not before the release. */
  readonly seen: (side: Side, path?: string) => Promise<string>;
  readonly release: () => void;
}

const scenes: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of scenes.splice(0)) await end();
});

async function open(...ways: Side[]): Promise<Scene> {
  const hub = testEdge({ process: { number: 1, count: 2 } });
  const logs: Readonly<Record<Side, LogLine[]>> = { hub: hub.log, worker: [] };
  const [hubEnd, workerEnd] = pipe();
  void hub.edge.acceptWorker(hubEnd);
  const worker = await EdgeWorker.start(
    {
      ...testEdgeOptions(logs.worker),
      listen: { http: { hostname: LOOPBACK, port: freePorts(1) } },
      process: { number: 2, count: 2 },
      pid: 2,
      metrics: () => [],
      caughtUp: () => Promise.resolve(),
    },
    workerEnd,
  );
  const released = Promise.withResolvers<void>();
  const upstream = Bun.serve({
    hostname: LOOPBACK,
    port: 0,
    fetch: async ({ url }) => {
      if (url.endsWith("/hold")) await released.promise;
      return new Response("here");
    },
  });
  const sessions: { readonly side: Side; readonly edgeEnd: Duplex }[] = [];
  const connect = (): Promise<Duplex> => {
    const side = (ways.length > 1 ? ways.shift() : ways[0]) ?? "hub";
    const [edgeEnd, agentEnd] = pipe({ remoteAddresses: ["192.0.2.1:1", "<edge>"] });
    sessions.push({ side, edgeEnd });
    (side === "hub" ? hub.edge : worker).acceptAgent(edgeEnd);
    return Promise.resolve(agentEnd);
  };
  const agent = new Agent({
    connect,
    identity: { authtoken: "1", version: "0", metadata: "", configVersion: "", allowsRemoteManagement: false },
    heartbeat: { intervalMs: 5_000, toleranceMs: 5_000 },
    region: undefined,
    clock: systemClock,
    log: noLog,
    random: () => 0,
  });
  scenes.push(async () => {
    await agent.stop();
    await worker.stop(AbortSignal.abort());
    await hub.end();
    await upstream.stop(true);
  });
  const definition = httpTunnel({
    upstream: `http://${LOOPBACK}:${upstream.port}`,
    schemes: ["http"],
    host: { kind: "host", host: "a.edge.test" },
  });
  await agent.start([definition]);
  return {
    hub,
    agent,
    ways,
    bound: (side) => logs[side].filter(({ message }) => message === "endpoint online").length,
    cut: (side) => {
      for (const session of sessions) if (session.side === side) session.edgeEnd.reset();
    },
    seen: async (side, path = "/") => {
      const port = side === "hub" ? hub.http : worker.port("http");
      const { status, body } = await visit("a.edge.test", { port: port ?? 0, path });
      return status === 200 ? body.toString() : String(status);
    },
    release: released.resolve,
  };
}

/** Of each process at a time; more than a session has streams of its own. */
const VISITORS = 5;
const SIDES: readonly Side[] = ["hub", "worker"];

async function bothServe({ agent, bound }: Scene): Promise<void> {
  await eventually("both legs are up", () => agent.legs.map(({ state }) => state).join() === "online,online");
  await eventually("the endpoint is bound in both", () => SIDES.every((side) => bound(side) > 0));
}

describe("Agent at an edge of two processes", () => {
  test.each<[string, Side[]]>([
    ["the hub first", ["hub", "worker"]],
    ["the worker first", ["worker", "hub"]],
    ["the hub twice at first", ["hub", "hub", "worker"]],
    ["the worker twice at first", ["worker", "worker", "hub"]],
  ])("serves visitors of each over a leg of their own, %s", async (_, ways) => {
    const s = await open(...ways);
    await bothServe(s);
    const held = SIDES.flatMap((side) => Array.from({ length: VISITORS }, () => s.seen(side, "/hold")));
    const carries = ({ streamsOpen }: LegStatus): boolean => streamsOpen > VISITORS;
    await eventually("each leg has its visitors, and heartbeats", () => s.agent.legs.every(carries));
    s.release();
    expect(new Set(await Promise.all(held))).toEqual(new Set(["here"]));
  });

  test.each(SIDES)("loses no visitor when its session in the %s is lost, and has one there again", async (side) => {
    const s = await open("hub", "worker", side);
    await bothServe(s);
    const before = s.bound(side);
    s.cut(side);
    for (const visited of [...SIDES, ...SIDES]) expect(await s.seen(visited)).toBe("here");
    await eventually("it is bound there again", () => s.bound(side) > before);
    expect(s.agent.status.state).toBe("online");
  });

  test("counts as one for the limits of the edge", async () => {
    const s = await open("hub", "worker");
    await bothServe(s);
    expect(s.hub.edge.figures).toMatchObject({ agents: 1, legs: 2 });
  });

  test("gives a stopped tunnel back for both sessions", async () => {
    const s = await open("hub", "worker");
    await bothServe(s);
    await s.agent.stopTunnel("web");
    expect(await s.seen("hub")).toBe("404");
    expect(s.agent.status.state).toBe("online");
  });

  test("is gone from both when it stops", async () => {
    const s = await open("hub", "worker");
    await bothServe(s);
    await s.agent.stop();
    await eventually("all sessions have ended", () => s.hub.edge.figures.legs === 0);
    expect(await s.seen("hub")).toBe("404");
  });
});
