/** No descriptor is left, at the edge or at the agent: nobody runs hot, and whoever comes afterwards is served. */
import { afterAll, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { cpuSeconds } from "../bench/process-usage.ts";
import { portOf } from "../support/agent-of-edge.ts";
import {
  FAULT_HOST,
  FAULT_LIMIT_MS,
  FaultScene,
  RECOVERY_LIMIT_MS,
  type SceneOptions,
  WAIT_LIMIT_MS,
} from "../support/fault-scene.ts";
import { descriptorsOf, settles } from "../support/process-holdings.ts";
import { visit } from "../support/visit.ts";

const DESCRIPTORS = 60;
/** Far more than there are descriptors. */
const FLOOD = 300;
/** A process that asks the kernel without end has nearly all of it. */
const CALM_SHARE = 0.5;
const WATCHED_MS = 1_000;

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
afterAll(() => upstream.stop(true));

const FEW = ["prlimit", `--nofile=${DESCRIPTORS}`];

test.each<[string, Partial<SceneOptions>, (scene: FaultScene) => number, readonly string[]]>([
  // Whoever comes last is turned away at once.
  ["an edge", { enterEdge: FEW }, ({ edge }) => edge.pid, ["ECONNRESET"]],
  ["an agent", { enterAgent: FEW }, ({ agent }) => agent.child.pid, ["502 ERR_NGROK_8012"]],
])(
  "%s without descriptors rests, answers at once, and serves everybody afterwards",
  async (_, few, pidOf, expected) => {
    await using scene = await FaultScene.start({ upstream: upstream.url.host, ...few });
    const before = await scene.holdingsAtRest();
    const pid = pidOf(scene);
    const tcp = portOf(await scene.agent.url("raw"));
    const flood = await Promise.all(Array.from({ length: FLOOD }, () => connected(tcp)));
    await settles(() => flood.filter(({ destroyed }) => destroyed).length > FLOOD - DESCRIPTORS, true);
    // Some are left for whoever watches over the process, and for its way back to the edge.
    expect(descriptorsOf(pid)).toBeLessThan(DESCRIPTORS);
    const askedAtMs = performance.now();
    const seen = await visit(FAULT_HOST, { port: scene.edge.ports.http }).then(
      ({ status, headers }) => `${status} ${String(headers["ngrok-error-code"])}`,
      ({ code }: NodeJS.ErrnoException) => String(code),
    );
    expect(expected).toContain(seen);
    expect(performance.now() - askedAtMs).toBeLessThan(WAIT_LIMIT_MS);
    const usedBefore = await cpuSeconds([pid]);
    await Bun.sleep(WATCHED_MS);
    expect((await cpuSeconds([pid])) - usedBefore).toBeLessThan((CALM_SHARE * WATCHED_MS) / 1_000);
    const overAtMs = performance.now();
    for (const socket of flood) socket.destroy();
    await (await scene.visitors())[Symbol.asyncDispose]();
    expect(performance.now() - overAtMs).toBeLessThan(RECOVERY_LIMIT_MS);
    await scene.expectNothingKept(before);
    await scene.expectServed();
  },
  FAULT_LIMIT_MS,
);

/** A visitor who says nothing and stays, once the kernel has let it in. */
function connected(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port }, () => resolve(socket));
    socket.on("error", () => resolve(socket));
  });
}
