/** The edge lives in a control group with a memory limit: what is limited by name stays below it, and one that the kernel kills is a killed edge. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Socket } from "node:net";
import { agentOf } from "../support/agent-of-edge.ts";
import { CredentialMaker, MADE } from "../support/credential-maker.ts";
import { EDGE_DOMAIN } from "../support/edge-process.ts";
import { FAULT_LIMIT_MS, FaultScene } from "../support/fault-scene.ts";
import { FloodUpstream, openFlood } from "../support/flood-upstream.ts";
import { freePorts } from "../support/free-ports.ts";
import { LimitedMemory } from "../support/limited-memory.ts";
import { FloodSide, standStill } from "../support/two-way-flood.ts";
import { visit } from "../support/visit.ts";

const OTHER_HOST = `other.${EDGE_DOMAIN}`;

/** For an edge whose agent may have so many streams. */
const ENOUGH_BYTES = 512 << 20;
const STREAMS = 200;
/** More than that. */
const STUCK = 250;
/** An edge at rest has half of it. */
const TOO_LITTLE_BYTES = 160 << 20;

let upstream: FloodUpstream;
beforeAll(async () => {
  upstream = await FloodUpstream.start();
});
afterAll(() => upstream[Symbol.dispose]());

/** Visitors who send, and are sent, all that they can, and nobody reads; with the statuses of all that were answered. */
async function flood(port: number): Promise<Flooded> {
  const opened = await Promise.allSettled(Array.from({ length: STUCK }, () => openFlood(port)));
  const answered = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const stuck = answered.filter(([, status]) => status === 101);
  const ends = [...stuck.map(([socket]) => socket), ...upstream.arrived.splice(0)];
  const sides = ends.map((socket) => new FloodSide(socket, Infinity));
  for (const { heard } of sides) heard.catch(() => {}); // they are reset
  const visitors = answered.map(([socket]) => socket);
  return { visitors, statuses: answered.map(([, status]) => status), sides };
}

test(
  "an edge in a control group holds as many stuck visitors as its limits allow, and serves others",
  async () => {
    await using memory = await LimitedMemory.create(ENOUGH_BYTES);
    await using scene = await FaultScene.start({
      upstream: upstream.host,
      enterEdge: memory.enter,
      edgeFlags: [`--max-streams=${STREAMS}`],
    });
    const before = await scene.holdingsAtRest();
    await using other = await agentOf(scene.edge, ["http", `--url=http://${OTHER_HOST}`, upstream.host]);
    await other.url();
    const { visitors, sides, statuses } = await flood(scene.edge.ports.http);
    expect(new Set(statuses)).toEqual(new Set([101, 503]));
    expect(statuses.filter((status) => status === 101).length).toBeGreaterThan(STREAMS / 2);
    await standStill(sides);
    expect((await visit(OTHER_HOST, { port: scene.edge.ports.http })).status).toBe(200);
    for (const visitor of visitors) visitor.resetAndDestroy();
    await other.end();
    await scene.expectNothingKept(before);
    await scene.expectServed();
    expect(memory.kills).toBe(0);
  },
  FAULT_LIMIT_MS,
);

test(
  "an edge that the kernel kills for its memory keeps what it acknowledged, and its agent is back with its URLs",
  async () => {
    await using memory = await LimitedMemory.create(TOO_LITTLE_BYTES);
    const management = freePorts(1);
    await using scene = await FaultScene.start({
      upstream: upstream.host,
      enterEdge: memory.enter,
      edgeFlags: [`--management-addr=${management}`],
    });
    const { edge, agent } = scene;
    const before = await scene.holdingsAtRest();
    const changes = new CredentialMaker(management, edge.apiKey);
    expect(await changes.make()).toBe(MADE);
    const from = agent.log.lines.length;
    const flooding = flood(edge.ports.http);
    for (let last = MADE; last === MADE;) last = await changes.make().catch(() => "the edge is gone");
    await edge.log.ended;
    expect(memory.kills).toBe(1);
    for (const visitor of (await flooding).visitors) visitor.destroy();
    await edge.again();
    await scene.back(from, 0);
    expect(await changes.lost()).toEqual([]);
    await scene.expectNothingKept(before);
  },
  FAULT_LIMIT_MS,
);

interface Flooded {
  readonly visitors: readonly Socket[];
  readonly statuses: readonly number[];
  /** Of visitors and services that are stuck. */
  readonly sides: readonly FloodSide[];
}
