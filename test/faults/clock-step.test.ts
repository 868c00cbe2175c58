/** The wall clock is set, forward and back: nothing that waits or expires by it may go wrong. */
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { FAULT_LIMIT_MS, FaultScene, RECOVERY_LIMIT_MS, WAIT_LIMIT_MS } from "../support/fault-scene.ts";
import { freePorts } from "../support/free-ports.ts";
import { Line } from "../support/line.ts";
import { callApi } from "../support/urllib-call.ts";

const ROOT = join(import.meta.dir, "../..");
const STEPPED = [`--preload=${join(ROOT, "test/support/stepped-clock.ts")}`];
const DAY_MS = 24 * 3_600_000;
const NO_DISTANCE = { roundTripMs: 0, bytesPerSecond: 1e9, bufferBytes: 1_000_000 };
/** Heartbeats of the scene that have to pass afterwards. */
const BEATS_MS = 3_000;

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
afterAll(() => upstream.stop(true));

test(
  "a clock that jumps a day, forward and back, ends no session, keeps no visitor waiting and no agent from coming back",
  async () => {
    const management = freePorts(1);
    const lines: Line[] = [];
    await using scene = await FaultScene.start({
      upstream: upstream.url.host,
      runtime: STEPPED,
      edgeFlags: [`--management-addr=${management}`],
      dial: ({ ports }) => {
        const line = new Line({ host: "127.0.0.1", port: ports.https }, NO_DISTANCE);
        lines.push(line);
        return `127.0.0.1:${line.port}`;
      },
    });
    const before = await scene.holdingsAtRest();
    const headers = { Authorization: `Bearer ${scene.edge.apiKey}`, "Ngrok-Version": "2" };
    const api = `http://127.0.0.1:${management}/credentials`;
    for (const [time, days] of [1, -1].entries()) {
      const stepped = moment(scene);
      await using visitors = await scene.visitors();
      scene.agent.child.kill("SIGUSR2");
      process.kill(scene.edge.pid, "SIGUSR2");
      const { date = "" } = await scene.agent.logged("clock stepped", {}, stepped.agent);
      expect(Math.round((Date.parse(date) - Date.now()) / DAY_MS)).toBe(days);
      await scene.edge.logged("clock stepped", "", stepped.edge);
      await Bun.sleep(BEATS_MS);
      await visitors.servedAgain();
      const seen = await visitors.end();
      expect(seen.kinds).toEqual(["200"]);
      expect(seen.longestMs).toBeLessThan(WAIT_LIMIT_MS);
      expect(scene.edge.timesLogged("agent session ended")).toBe(time);

      expect((await callApi(scene.agentApi, "GET", "/api/tunnels/web")).status).toBe(200);
      expect((await fetch(api, { headers, keepalive: false })).status).toBe(200);
      const made = { method: "POST", body: "{}", keepalive: false };
      expect((await fetch(api, { headers: { ...headers, "Content-Type": "application/json" }, ...made })).status).toBe(
        201,
      );

      // Certificates, tokens and pauses are looked at by the clock as it is now.
      const cut = moment(scene);
      const cutAtMs = performance.now();
      for (const line of lines) line.reset();
      await scene.back(cut.agent, cut.edge);
      expect(performance.now() - cutAtMs).toBeLessThan(RECOVERY_LIMIT_MS);
    }
    await scene.expectNothingKept(before);
    for (const line of lines) line[Symbol.dispose]();
  },
  FAULT_LIMIT_MS,
);

/** The lines that both have logged so far. */
function moment({ agent, edge }: FaultScene): { readonly agent: number; readonly edge: number } {
  return { agent: agent.log.lines.length, edge: edge.linesLogged };
}

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
