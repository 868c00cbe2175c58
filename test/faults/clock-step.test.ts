/** The wall clock is set, forward and back: nothing that waits or expires by it may go wrong. */
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { FAULT_LIMIT_MS, FaultScene, WAIT_LIMIT_MS } from "../support/fault-scene.ts";

const ROOT = join(import.meta.dir, "../..");
const STEPPED = [`--preload=${join(ROOT, "test/support/stepped-clock.ts")}`];
const DAY_MS = 24 * 3_600_000;
/** Heartbeats of the scene that have to pass afterwards. */
const BEATS_MS = 3_000;

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
afterAll(() => upstream.stop(true));

test(
  "a clock that jumps a day, forward and back, ends no session and keeps no visitor waiting",
  async () => {
    await using scene = await FaultScene.start({ upstream: upstream.url.host, runtime: STEPPED });
    const before = await scene.holdingsAtRest();
    await using visitors = await scene.visitors();
    for (const days of [1, -1]) {
      const from = { agent: scene.agent.log.lines.length, edge: scene.edge.linesLogged };
      scene.agent.child.kill("SIGUSR2");
      process.kill(scene.edge.pid, "SIGUSR2");
      const { date = "" } = await scene.agent.logged("clock stepped", {}, from.agent);
      expect(Math.round((Date.parse(date) - Date.now()) / DAY_MS)).toBe(days);
      await scene.edge.logged("clock stepped", "", from.edge);
      await Bun.sleep(BEATS_MS);
      await visitors.servedAgain();
    }
    const seen = await visitors.end();
    expect(seen.kinds).toEqual(["200"]);
    expect(seen.longestMs).toBeLessThan(WAIT_LIMIT_MS);
    expect(scene.edge.timesLogged("agent session ended")).toBe(0);
    await scene.expectNothingKept(before);
  },
  FAULT_LIMIT_MS,
);

test("the clock is the only place that reads the time or sets a timer", async () => {
  const reads = /\b(?:Date\.now|performance\.now|setTimeout|setInterval|Bun\.sleep|Bun\.nanoseconds)\(/;
  const found: string[] = [];
  for await (const file of new Glob("src/**/*.ts").scan(ROOT)) {
    // Pages run in the browser.
    if (file.includes("/client/")) continue;
    if (reads.test(await Bun.file(join(ROOT, file)).text())) found.push(file);
  }
  expect(found).toEqual(["src/base/clock.ts"]);
});
