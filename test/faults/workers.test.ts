/** A process of an edge with several that stands still. */
import { afterAll, expect, test } from "bun:test";
import { agentOf } from "../support/agent-of-edge.ts";
import { EDGE_DOMAIN, EdgeProcess } from "../support/edge-process.ts";
import { workersOf } from "../support/edge-workers.ts";
import { FAULT_LIMIT_MS } from "../support/fault-scene.ts";
import { visit } from "../support/visit.ts";

const HOST = `app.${EDGE_DOMAIN}`;
/** So many come to both processes, but for a chance of one in a million. */
const VISITORS = 20;
/** For longer than a worker may stand still. */
const SLEEP_MS = 10_000;
const PATIENCE_MS = 30_000;

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
afterAll(() => upstream.stop(true));

async function statuses(edge: EdgeProcess): Promise<ReadonlySet<number>> {
  const visits = Array.from({ length: VISITORS }, () => visit(HOST, { port: edge.ports.http }));
  return new Set((await Promise.all(visits)).map(({ status }) => status));
}

/** An agent may have lost a session, and be on its way back. */
async function untilServed(edge: EdgeProcess): Promise<void> {
  for (const givesUpAt = performance.now() + PATIENCE_MS; ;) {
    const seen = await statuses(edge);
    if (seen.size === 1 && seen.has(200)) return;
    if (performance.now() > givesUpAt) throw new Error(`visitors still see ${[...seen].join(", ")}`);
  }
}

test.concurrent(
  "a worker that stands still is replaced, and keeps nobody from coming online",
  async () => {
    await using edge = await EdgeProcess.start("--workers=2");
    await edge.logged("worker ready", "");
    const [worker = 0] = workersOf(edge);
    const before = edge.linesLogged;
    process.kill(worker, "SIGSTOP");
    await using agent = await agentOf(edge, ["http", `--url=http://${HOST}`, upstream.url.origin]);
    await agent.url();
    await edge.logged("worker stands still", String(worker), before);
    await edge.logged("worker has ended", "SIGKILL", before);
    await edge.logged("worker ready", "", before);
    expect(await statuses(edge)).toEqual(new Set([200]));
  },
  FAULT_LIMIT_MS,
);

test.concurrent(
  "a first process that stands still for some seconds is waited for by its workers",
  async () => {
    await using edge = await EdgeProcess.start("--workers=2");
    await edge.logged("worker ready", "");
    await using agent = await agentOf(edge, ["http", `--url=http://${HOST}`, upstream.url.origin]);
    await agent.url();
    const workers = workersOf(edge);
    process.kill(edge.pid, "SIGSTOP");
    await Bun.sleep(SLEEP_MS);
    process.kill(edge.pid, "SIGCONT");
    await untilServed(edge);
    expect([workersOf(edge), edge.faultsLogged]).toEqual([workers, []]);
  },
  FAULT_LIMIT_MS,
);
