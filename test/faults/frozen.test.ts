/** A process that stands still, as on a laptop that sleeps, for longer than its heartbeats allow, and goes on. */
import { afterAll, expect, test } from "bun:test";
import { FAULT_LIMIT_MS, FaultScene, RECOVERY_LIMIT_MS, WAIT_LIMIT_MS } from "../support/fault-scene.ts";

const LOSS = "session closed, starting reconnect loop";
/** The heartbeats of the scene are over after two; minutes are the same thing for longer. */
const SLEEP_MS = process.env["DEEP"] === "1" ? 120_000 : 4_000;
const LIMIT_MS = FAULT_LIMIT_MS + SLEEP_MS;

const upstream = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  fetch({ url }) {
    if (new URL(url).pathname !== "/chunked") return new Response("here I am");
    return new Response(new ReadableStream({ start: (rest) => rest.enqueue("half\n") }));
  },
});
afterAll(() => upstream.stop(true));

test.concurrent(
  "an agent that sleeps is back when it wakes, with its URLs, and visitors are not left waiting meanwhile",
  async () => {
    await using scene = await FaultScene.start({ upstream: upstream.url.host });
    const before = await scene.holdingsAtRest();
    const from = { agent: scene.agent.log.lines.length, edge: scene.edge.linesLogged };
    await using lasting = await scene.lastingVisitors();
    await using visitors = await scene.visitors();
    scene.agent.child.kill("SIGSTOP");
    await scene.edge.logged("agent session ended", "", from.edge);
    expect(await lasting.ends()).toEqual(["http: cut", "https: cut", "tcp: cut"]);
    const atLoss = visitors.outcomes.length;
    await Bun.sleep(SLEEP_MS);
    // Who came after the loss was told at once that nobody is there.
    const meanwhile = visitors.outcomes.slice(atLoss).filter(({ tookMs }) => tookMs < 1_000);
    expect(meanwhile.map(({ what }) => what)).toContain("404 ERR_NGROK_3200");
    scene.agent.child.kill("SIGCONT");
    const wokenAtMs = performance.now();
    await scene.agent.logged(LOSS, {}, from.agent);
    await scene.back(from.agent, from.edge);
    await visitors.servedAgain();
    expect(performance.now() - wokenAtMs).toBeLessThan(RECOVERY_LIMIT_MS);
    const seen = await visitors.end();
    expect(seen.kinds).toEqual(["200", "404 ERR_NGROK_3200", "502 ERR_NGROK_3210"]);
    expect(seen.longestMs).toBeLessThan(WAIT_LIMIT_MS);
    await scene.expectNothingKept(before);
  },
  LIMIT_MS,
);

test.concurrent(
  "an edge that stands still is found by its agent, which is back when it goes on",
  async () => {
    await using scene = await FaultScene.start({ upstream: upstream.url.host });
    const before = await scene.holdingsAtRest();
    const from = { agent: scene.agent.log.lines.length, edge: scene.edge.linesLogged };
    await using visitors = await scene.visitors();
    const stoodStillAtMs = performance.now();
    process.kill(scene.edge.pid, "SIGSTOP");
    await scene.agent.logged(LOSS, {}, from.agent);
    await Bun.sleep(SLEEP_MS);
    process.kill(scene.edge.pid, "SIGCONT");
    const wokenAtMs = performance.now();
    await scene.back(from.agent, from.edge);
    await visitors.servedAgain();
    expect(performance.now() - wokenAtMs).toBeLessThan(RECOVERY_LIMIT_MS);
    const seen = await visitors.end();
    // The kernel has let them in: they are all answered, late.
    expect(seen.kindsBeside("200", "404 ERR_NGROK_3200", "502 ERR_NGROK_3210")).toEqual([]);
    expect(seen.longestMs).toBeLessThan(wokenAtMs - stoodStillAtMs + WAIT_LIMIT_MS);
    await scene.expectNothingKept(before);
  },
  LIMIT_MS,
);
