/** Streams on which nobody reads, in both directions at once: they hold up nobody else, and go on unharmed when somebody does. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";
import { portOf } from "../support/agent-of-edge.ts";
import { FAULT_HOST, FAULT_LIMIT_MS, FaultScene } from "../support/fault-scene.ts";
import { residentBytes, settles } from "../support/process-holdings.ts";
import { FloodSide, floodDigest } from "../support/two-way-flood.ts";

const STUCK = 8;
/** More than the windows of a stream and the buffers of all sockets on the way hold. */
const FLOOD_BYTES = 40 << 20;
/** All of them together must not be held: 2 times 320 MB are under way. */
const GROWTH_LIMIT_BYTES = 250 << 20;
const PAGE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
const UPGRADE = `GET /flood HTTP/1.1\r\nHost: ${FAULT_HOST}\r\nConnection: Upgrade\r\nUpgrade: flood\r\n\r\n`;
const UPGRADED = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: flood\r\n\r\n";

/** Those that are to be flooded, as they come; the others get a page. */
const arrived: Socket[] = [];
const upstream = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => {});
  socket.once("data", (first) => {
    const text = first.toString("latin1");
    if (!text.includes("flood")) return void socket.end(PAGE);
    if (text.startsWith("GET")) socket.write(UPGRADED);
    arrived.push(socket);
  });
});
let address: string;
beforeAll(async () => {
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const bound = upstream.address();
  address = `127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`;
});
afterAll(() => void upstream.close());

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
  const socket = connect({ host: "127.0.0.1", port: scene.edge.ports.http, allowHalfOpen: true });
  socket.write(UPGRADE);
  await once(socket, "data");
  return socket;
}

test.each([
  ["tcp", overTcp],
  ["http, upgraded", overHttp],
] as const)(
  "streams over %s that are full both ways stall nobody, hold little, and end whole when both sides read",
  async (_, open) => {
    await using scene = await FaultScene.start({ upstream: address });
    const before = await scene.holdingsAtRest();
    const residentBefore = [scene.edge.pid, scene.agent.child.pid].map(residentBytes);
    const visitors = await Promise.all(Array.from({ length: STUCK }, () => open(scene)));
    await settles(() => arrived.length, STUCK);
    const all = [...visitors, ...arrived.splice(0)].map((socket) => new FloodSide(socket, FLOOD_BYTES));
    await standStill(all);
    expect(all.filter(({ sentBytes }) => sentBytes === FLOOD_BYTES)).toEqual([]);
    await scene.expectServed();
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

/** Nobody has got rid of anything from one look to the next. */
async function standStill(sides: readonly FloodSide[]): Promise<void> {
  let last = -1;
  await settles(() => {
    const [before, now] = [last, sides.reduce((sum, { sentBytes }) => sum + sentBytes, 0)];
    last = now;
    return before === now;
  }, true);
}
