/** A hub and a worker in one process that stop together. */
import { afterEach, describe, expect, test } from "bun:test";
import { EdgeWorker } from "../../../src/edge/workers/edge-worker.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { RemoteError } from "../../../src/protocol/rpc/rpc-error.ts";
import { freePorts } from "../../support/free-ports.ts";
import {
  connectAgent,
  type EdgeAgent,
  LOOPBACK,
  testEdge,
  type TestEdge,
  testEdgeOptions,
} from "../../support/test-edge.ts";
import { eventually } from "../../support/turns.ts";
import { visit } from "../../support/visit.ts";

type Side = "hub" | "worker";
const SIDES: readonly Side[] = ["hub", "worker"];
const PAIRS = SIDES.flatMap((agentSide) => SIDES.map((visitorSide) => [agentSide, visitorSide] as const));
const HOST = "a.edge.test";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface Scene {
  readonly hub: TestEdge;
  readonly worker: EdgeWorker;
  readonly portOf: (side: Side) => number;
  readonly agent: EdgeAgent;
}

async function newWorker(hub: TestEdge): Promise<EdgeWorker> {
  const [hubEnd, workerEnd] = pipe();
  void hub.edge.acceptWorker(hubEnd);
  const options = {
    ...testEdgeOptions(),
    listen: { http: { hostname: LOOPBACK, port: freePorts(1) } },
    process: { number: 2, count: 2 },
    pid: 2,
    metrics: () => [],
    caughtUp: () => Promise.resolve(),
  };
  try {
    return await EdgeWorker.start(options, workerEnd);
  } catch (error) {
    workerEnd.reset();
    throw error;
  }
}

/** With an agent at one side. */
async function open(side: Side): Promise<Scene> {
  const hub = testEdge({ process: { number: 1, count: 2 } });
  const worker = await newWorker(hub);
  ends.push(hub.end, () => worker.stop(AbortSignal.abort()));
  const agent = await connectAgent(side === "hub" ? hub.edge : worker);
  await agent.bind({ Proto: "http", Opts: { Domain: HOST } });
  const workerPort = worker.port("http") ?? 0;
  return { hub, worker, agent, portOf: (of) => (of === "hub" ? hub.http : workerPort) };
}

interface Held {
  readonly seen: Promise<string>;
  readonly answer: () => void;
}

/** A visitor that its agent has, and does not answer yet. */
async function held({ agent: { agent }, portOf }: Scene, side: Side): Promise<Held> {
  const before = agent.proxies.length;
  const seen = visit(HOST, { port: portOf(side) }).then(
    ({ status, headers, body }) => `${status} ${String(headers["ngrok-error-code"] ?? body)}`,
    ({ code }: NodeJS.ErrnoException) => String(code),
  );
  await eventually("the visitor has come", () => agent.proxies.length > before);
  const answer = (): void => {
    agent.proxies[before]?.stream.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere"));
  };
  return { seen, answer };
}

/** Nobody listens at either side. */
async function closed({ portOf }: Scene): Promise<void> {
  const reached = new Set<Side>(SIDES);
  while (reached.size > 0) {
    for (const side of SIDES) {
      const outcome = await visit("other.edge.test", { port: portOf(side) }).catch(
        ({ code }: NodeJS.ErrnoException) => code,
      );
      if (outcome === "ECONNREFUSED") reached.delete(side);
    }
  }
}

/** Has the edge stop; answers what cuts those that are left, and when it has. */
function stopped({ hub }: Scene): { readonly cut: () => void; readonly whole: Promise<void> } {
  const deadline = new AbortController();
  return { cut: () => deadline.abort(), whole: hub.edge.stop(deadline.signal) };
}

describe("Edge of several processes", () => {
  test.each(PAIRS)("keeps an agent of the %s while the %s has visitors of it", async (agentSide, visitorSide) => {
    const s = await open(agentSide);
    const { seen, answer } = await held(s, visitorSide);
    const { whole } = stopped(s);
    await closed(s);
    expect([s.agent.agent.session.isOpen, s.worker.isDraining]).toEqual([true, true]);
    answer();
    expect(await seen).toBe("200 here");
    await eventually("then it says goodbye", () => !s.agent.agent.session.isOpen);
    await whole;
    expect(await s.worker.orphaned).toMatchObject({ type: "goAway", message: "the edge stops" });
  });

  test.each(PAIRS)("cuts what is left at its deadline: an agent of the %s, a visitor of the %s", async (...sides) => {
    const s = await open(sides[0]);
    const { seen } = await held(s, sides[1]);
    const { cut, whole } = stopped(s);
    await closed(s);
    cut();
    await whole;
    expect(await seen).toBe("ECONNRESET");
  });

  test("stops when a worker is gone in the middle of it", async () => {
    const s = await open("hub");
    await held(s, "worker");
    const { whole } = stopped(s);
    await closed(s);
    await s.worker.stop(AbortSignal.abort());
    await whole;
    expect(s.hub.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("takes no further worker once it stops", async () => {
    const s = await open("hub");
    const { answer } = await held(s, "hub");
    const { whole } = stopped(s);
    const failure = await newWorker(s.hub).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RemoteError);
    answer();
    await whole;
  });
});
