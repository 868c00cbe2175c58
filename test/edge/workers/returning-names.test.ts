/** A hub that knows whose agents are on their way back, and a worker that hears of it. */
import { afterEach, describe, expect, test } from "bun:test";
import type { Directory } from "../../../src/edge/directory.ts";
import { RETURN_MS } from "../../../src/edge/edge.ts";
import type { ExpectedName } from "../../../src/edge/returning/expected-names.ts";
import type { NameMemory } from "../../../src/edge/returning/name-memory.ts";
import { OPEN_ACCOUNT, openDirectory } from "../../../src/edge/static-directory.ts";
import { EdgeWorker, type EdgeWorkerOptions } from "../../../src/edge/workers/edge-worker.ts";
import { AddressRules } from "../../../src/model/address-rules.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { UNBIND } from "../../../src/protocol/rpc/agent-calls.ts";
import { GatedDirectory } from "../../support/binder-scene.ts";
import { freePorts } from "../../support/free-ports.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { connectAgent, LOOPBACK, testEdge, type TestEdge, testEdgeOptions } from "../../support/test-edge.ts";
import { eventually, quiet } from "../../support/turns.ts";
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

  constructor(recent: readonly ExpectedName[], directory: Directory = openDirectory) {
    this.clock = new ManualClock();
    const nameMemory: NameMemory = { recent, keep: () => {}, changed: () => {}, seal: () => Promise.resolve() };
    this.hub = testEdge({ nameMemory, directory, process: { number: 1, count: 2 } }, this.clock);
    ends.push(this.hub.end);
  }

  async worker(more: Partial<EdgeWorkerOptions> = {}): Promise<EdgeWorker> {
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
        ...more,
      },
      workerEnd,
    );
    ends.push(() => worker.stop(AbortSignal.abort()));
    return worker;
  }
}

/** A visit, and whether it is over. */
function visiting(at: EdgeWorker | number, host = HOST): { readonly visited: Promise<Visited>; isOver: () => boolean } {
  let isOver = false;
  const visited = visit(host, { port: typeof at === "number" ? at : (at.port("http") ?? 0) });
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
    await quiet();
    s.clock.advance(SETTLE_MS);
    await eventually("the visitor has come", () => agent.agent.proxies.length > 0);
    agent.agent.proxies[0]?.stream.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    expect((await visited).body.toString()).toBe("ok");
  });

  test.each(["hub", "worker"] as const)(
    "has visitors wait until the bind of their agent at the %s was answered, however long a further worker takes",
    async (side) => {
      const directory = new GatedDirectory();
      directory.rules = { ...OPEN_ACCOUNT, policies: () => new AddressRules([], "others") };
      const s = new Scene([{ place: "http", host: HOST }], directory);
      const worker = await s.worker({ directory });
      const behind = new GatedDirectory();
      behind.rules = { ...OPEN_ACCOUNT, policies: () => undefined };
      const caughtUp = Promise.withResolvers<void>();
      await s.worker({ directory: behind, process: { number: 3, count: 3 }, caughtUp: () => caughtUp.promise });
      const early = [visiting(s.hub.http), visiting(worker)];
      await looked(worker);
      const { agent, bind } = await connectAgent(side === "hub" ? s.hub.edge : worker);
      let isAnswered = false;
      const bound = bind({ ...A, Extra: { IPPolicyRef: "ipp_1" } }).then(() => (isAnswered = true));
      await eventually("it is online", () => s.hub.edge.traffic("ac_1").length > 0);
      await quiet();
      const late = [visiting(s.hub.http), visiting(worker)];
      await looked(worker);
      s.clock.advance(SETTLE_MS);
      await quiet();
      expect([isAnswered, agent.proxies.length]).toEqual([false, 0]);
      caughtUp.resolve();
      await bound;
      await quiet();
      s.clock.advance(SETTLE_MS);
      await eventually("all have come", () => agent.proxies.length === early.length + late.length);
      for (const { stream } of agent.proxies) stream.write(Buffer.from("HTTP/1.1 204 No Content\r\n\r\n"));
      for (const { visited } of [...early, ...late]) expect((await visited).status).toBe(204);
    },
  );

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
