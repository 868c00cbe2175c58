/** A hub that knows whose agents are on their way back, and a worker that hears of it. */
import { afterEach, describe, expect, test } from "bun:test";
import { RETURN_MS } from "../../../src/edge/edge.ts";
import type { ExpectedName } from "../../../src/edge/returning/expected-names.ts";
import type { NameMemory } from "../../../src/edge/returning/name-memory.ts";
import { EdgeWorker } from "../../../src/edge/workers/edge-worker.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { UNBIND } from "../../../src/protocol/rpc/agent-calls.ts";
import { freePorts } from "../../support/free-ports.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { connectAgent, LOOPBACK, testEdge, type TestEdge, testEdgeOptions } from "../../support/test-edge.ts";
import { eventually } from "../../support/turns.ts";
import { visit, type Visited } from "../../support/visit.ts";

const HOST = "a.edge.test";
const A = { Proto: "http", Opts: { Domain: HOST } };
const SETTLE_MS = 20;
/** More than are told at a time. */
const MANY = 5_000;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

class Scene {
  readonly clock: ManualClock;
  readonly hub: TestEdge;

  constructor(recent: readonly ExpectedName[]) {
    this.clock = new ManualClock();
    const nameMemory: NameMemory = { recent, keep: () => {}, changed: () => {}, seal: () => Promise.resolve() };
    this.hub = testEdge({ nameMemory, process: { number: 1, count: 2 } }, this.clock);
    ends.push(this.hub.end);
  }

  async worker(): Promise<EdgeWorker> {
    const [hubEnd, workerEnd] = pipe();
    void this.hub.edge.acceptWorker(hubEnd);
    const [http, https] = [freePorts(1), freePorts(1)];
    const worker = await EdgeWorker.start(
      {
        ...testEdgeOptions([], [], this.clock),
        listen: { http: { hostname: LOOPBACK, port: http }, https: { hostname: LOOPBACK, port: https } },
        process: { number: 2, count: 2 },
        pid: 2,
        metrics: () => [],
        caughtUp: () => Promise.resolve(),
      },
      workerEnd,
    );
    ends.push(() => worker.stop(AbortSignal.abort()));
    return worker;
  }
}

/** A visit, and whether it is over. */
function visiting(worker: EdgeWorker, host = HOST): { readonly visited: Promise<Visited>; isOver: () => boolean } {
  let isOver = false;
  const visited = visit(host, { port: worker.port("http") ?? 0 });
  void visited.finally(() => (isOver = true));
  return { visited, isOver: () => isOver };
}

/** Whoever came before has been looked at by now. */
async function looked(worker: EdgeWorker): Promise<void> {
  expect((await visiting(worker, "other.edge.test").visited).status).toBe(404);
}

describe("EdgeWorker of a hub with names on their way back", () => {
  test.each(["hub", "worker"] as const)("has visitors wait until their agent is back at the %s", async (side) => {
    const s = new Scene([{ place: "http", host: HOST }]);
    const worker = await s.worker();
    const { visited, isOver } = visiting(worker);
    await looked(worker);
    expect(isOver()).toBe(false);
    const agent = await connectAgent(side === "hub" ? s.hub.edge : worker);
    await agent.bind(A);
    s.clock.advance(SETTLE_MS);
    await eventually("the visitor has come", () => agent.agent.proxies.length > 0);
    agent.agent.proxies[0]?.stream.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    expect((await visited).body.toString()).toBe("ok");
  });

  test("answers 404 when the time of the hub is over, of many names too", async () => {
    const names = Array.from({ length: MANY }, (_, index) => ({ place: "http", host: `a${index}.edge.test` }) as const);
    const s = new Scene(names);
    s.clock.advance(RETURN_MS - 1_000);
    const worker = await s.worker();
    const [first, last] = [visiting(worker, "a0.edge.test"), visiting(worker, `a${MANY - 1}.edge.test`)];
    await looked(worker);
    expect([first.isOver(), last.isOver()]).toEqual([false, false]);
    s.clock.advance(1_000);
    expect([(await first.visited).status, (await last.visited).status]).toEqual([404, 404]);
  });

  test("has nobody wait that comes up when the name has come back and was stopped, or the time is over", async () => {
    const s = new Scene([
      { place: "http", host: HOST },
      { place: "http", host: "b.edge.test" },
    ]);
    const { agent, bind } = await s.hub.agent();
    const { bindId } = await bind(A);
    await agent.session.call(UNBIND, { bindId });
    const early = await s.worker();
    expect((await visiting(early).visited).status).toBe(404);
    s.clock.advance(RETURN_MS);
    const late = await s.worker();
    expect((await visiting(late, "b.edge.test").visited).status).toBe(404);
  });
});
