/** Streams on which nobody reads, in both directions at once: they hold up nobody else, and go on unharmed when somebody does. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { portOf } from "../support/agent-of-edge.ts";
import { FAULT_LIMIT_MS, FaultScene, WAIT_LIMIT_MS } from "../support/fault-scene.ts";
import { FloodUpstream, openFlood } from "../support/flood-upstream.ts";
import { residentBytes, settles } from "../support/process-holdings.ts";
import { FloodSide, floodDigest, standStill } from "../support/two-way-flood.ts";

const STUCK = 8;
/** More than the windows of a stream and the buffers of all sockets on the way hold. */
const FLOOD_BYTES = 40 << 20;
/** All of them together must not be held: 2 times 320 MB are under way. */
const GROWTH_LIMIT_BYTES = 250 << 20;
let upstream: FloodUpstream;
beforeAll(async () => {
  upstream = await FloodUpstream.start();
});
afterAll(() => upstream[Symbol.dispose]());

async function overTcp(scene: FaultScene): Promise<Socket> {
  const socket = connect({
    host: "127.0.0.1",
    port: portOf(await scene.agent.url("raw")),
    allowHalfOpen: true,
  });
  await once(socket, "connect");
  socket.write("flood");
  return socket;
}

async function overHttp(scene: FaultScene): Promise<Socket> {
  const [socket, status] = await openFlood(scene.edge.ports.http);
  expect(status).toBe(101);
  return socket;
}

test.each([
  ["tcp", overTcp],
  ["http, upgraded", overHttp],
] as const)(
  "streams over %s that are full both ways stall nobody, hold little, and end whole when both sides read",
  async (_, open) => {
    await using scene = await FaultScene.start({ upstream: upstream.host });
    const before = await scene.holdingsAtRest();
    const residentBefore = [scene.edge.pid, scene.agent.child.pid].map(residentBytes);
    const visitors = await Promise.all(Array.from({ length: STUCK }, () => open(scene)));
    await settles(() => upstream.arrived.length, STUCK);
    const all = [...visitors, ...upstream.arrived.splice(0)].map((socket) => new FloodSide(socket, FLOOD_BYTES));
    await standStill(all);
    expect(all.filter(({ sentBytes }) => sentBytes === FLOOD_BYTES)).toEqual([]);
    const askedAtMs = performance.now();
    await scene.expectServed();
    expect(performance.now() - askedAtMs).toBeLessThan(WAIT_LIMIT_MS);
    for (const [at, pid] of [scene.edge.pid, scene.agent.child.pid].entries()) {
      expect(residentBytes(pid) - (residentBefore[at] ?? 0)).toBeLessThan(GROWTH_LIMIT_BYTES);
    }
    for (const side of all) side.read();
    const heard = await Promise.all(all.map((side) => side.heard));
    expect(new Set(heard)).toEqual(new Set([floodDigest(FLOOD_BYTES)]));
    await scene.expectNothingKept(before);
  },
  FAULT_LIMIT_MS,
);
