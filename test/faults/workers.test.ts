/** A process of an edge with several that stands still. */
import { afterAll, expect, test } from "bun:test";
import { agentOf } from "../support/agent-of-edge.ts";
import { EDGE_DOMAIN, type EdgeProcess } from "../support/edge-process.ts";
import { workersOf } from "../support/edge-workers.ts";
import { FAULT_HOST, FAULT_LIMIT_MS, FaultScene, RECOVERY_LIMIT_MS } from "../support/fault-scene.ts";
import { visit } from "../support/visit.ts";

/** Of an agent that comes meanwhile. */
const LATE_HOST = `late.${EDGE_DOMAIN}`;
/** So many come to both processes, but for a chance of one in a million. */
const VISITORS = 20;
/** For longer than a worker may stand still. */
const SLEEP_MS = 10_000;

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
afterAll(() => upstream.stop(true));

async function statuses(edge: EdgeProcess, host: string): Promise<ReadonlySet<number>> {
  const visits = Array.from({ length: VISITORS }, () => visit(host, { port: edge.ports.http }));
  return new Set((await Promise.all(visits)).map(({ status }) => status));
}

/** An agent may have lost a session, and be on its way back. */
async function untilServed(edge: EdgeProcess): Promise<void> {
  for (const givesUpAt = performance.now() + RECOVERY_LIMIT_MS; ;) {
    const seen = await statuses(edge, FAULT_HOST);
    if (seen.size === 1 && seen.has(200)) return;
    if (performance.now() > givesUpAt) throw new Error(`visitors still see ${[...seen].join(", ")}`);
  }
}

test.concurrent(
  "a worker that stands still is replaced, and keeps nobody from coming online",
  async () => {
    await using scene = await FaultScene.start({ upstream: upstream.url.host, workers: 2 });
    const { edge } = scene;
    const before = await scene.holdingsAtRest();
    const [worker = 0] = workersOf(edge);
    const from = edge.linesLogged;
    process.kill(worker, "SIGSTOP");
    const agent = await agentOf(edge, ["http", `--url=http://${LATE_HOST}`, upstream.url.origin]);
    await agent.url();
    await edge.logged("worker stands still", String(worker), from);
    await edge.logged("worker has ended", "SIGKILL", from);
    await edge.logged("worker ready", "", from);
    expect(await statuses(edge, LATE_HOST)).toEqual(new Set([200]));
    await agent[Symbol.asyncDispose]();
    await untilServed(edge);
    await scene.expectNothingKept(before, "worker stands still", "worker has ended");
  },
  FAULT_LIMIT_MS,
);

test.concurrent(
  "a first process that stands still for some seconds is waited for by its workers",
  async () => {
    await using scene = await FaultScene.start({ upstream: upstream.url.host, workers: 2 });
    const { edge } = scene;
    const before = await scene.holdingsAtRest();
    const workers = workersOf(edge);
    process.kill(edge.pid, "SIGSTOP");
    await Bun.sleep(SLEEP_MS);
    process.kill(edge.pid, "SIGCONT");
    await untilServed(edge);
    expect(workersOf(edge)).toEqual(workers);
    await scene.expectNothingKept(before);
  },
  FAULT_LIMIT_MS,
);
