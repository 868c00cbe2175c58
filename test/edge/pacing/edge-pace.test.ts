import { afterEach, describe, expect, test } from "bun:test";
import { OPEN_ACCOUNT } from "../../../src/edge/static-directory.ts";
import { NO_LIMITS } from "../../../src/model/records/account.ts";
import { GatedDirectory } from "../../support/binder-scene.ts";
import { freePorts } from "../../support/free-ports.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { type RawEnd, rawVisitor } from "../../support/raw-end.ts";
import { type EdgeAgent, LOOPBACK, type TestEdge, testEdge } from "../../support/test-edge.ts";
import { eventually, quiet } from "../../support/turns.ts";

const RATE = 100_000;
const BYTES = 60_000;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface Scene {
  readonly clock: ManualClock;
  readonly edge: TestEdge;
  readonly agent: EdgeAgent;
  readonly tcpPort: number;
}

async function scene(bytesPerSecond: number): Promise<Scene> {
  const clock = new ManualClock();
  const directory = new GatedDirectory();
  directory.rules = { ...OPEN_ACCOUNT, limits: { ...NO_LIMITS, bytesPerSecond } };
  const tcpPort = freePorts(1);
  const tcp = { hostname: LOOPBACK, ports: { first: tcpPort, last: tcpPort } };
  const edge = testEdge({ directory, tcp }, clock);
  ends.push(edge.end);
  return { clock, edge, tcpPort, agent: await edge.agent() };
}

async function visitor(port: number): Promise<RawEnd> {
  const end = await rawVisitor({ scheme: "http", host: "a.edge.test", port, authority: "a.edge.test", caPem: "" });
  ends.push(() => end.connection.reset());
  return end;
}

async function streamOf({ agent }: EdgeAgent): Promise<EdgeAgent["agent"]["proxies"][number]> {
  await eventually("the agent has the stream", () => agent.proxies.length > 0);
  const [proxied] = agent.proxies;
  if (proxied === undefined) throw new Error("no stream");
  return proxied;
}

/** Step by step until the claim holds; says how long it took by the clock. */
async function passUntil(clock: ManualClock, holds: () => boolean): Promise<number> {
  let passedMs = 0;
  for (; !holds() && passedMs < 10_000; passedMs += 20) {
    clock.advance(20);
    await quiet();
  }
  return passedMs;
}

describe("An edge and the bytes per second of an account", () => {
  test("make visitors of an http endpoint wait for a response, and the agent for a body", async () => {
    const { clock, edge, agent } = await scene(RATE);
    await agent.bind({ Proto: "http", Opts: { Domain: "a.edge.test" } });
    const visiting = await visitor(edge.http);
    visiting.send("GET / HTTP/1.1\r\nHost: a.edge.test\r\n\r\n");
    const { stream } = await streamOf(agent);
    stream.write(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${BYTES}\r\n\r\n${"x".repeat(BYTES)}`));
    await visiting.heard.until(() => visiting.heard.bytesHeard > 0);
    await quiet();
    expect(visiting.heard.bytesHeard).toBeLessThan(RATE * 0.15);
    const tookMs = await passUntil(clock, () => visiting.heard.bytesHeard > BYTES);
    expect(tookMs).toBeGreaterThanOrEqual(((BYTES - RATE * 0.15) / RATE) * 1000);
  });

  test("make those of a tcp endpoint wait in both directions", async () => {
    const { clock, agent, tcpPort } = await scene(RATE);
    await agent.bind({ Proto: "tcp", Opts: {} });
    const visiting = await visitor(tcpPort);
    const { stream, heard } = await streamOf(agent);
    visiting.send("y".repeat(BYTES));
    stream.write(Buffer.from("x".repeat(BYTES)));
    const tookMs = await passUntil(clock, () => heard.bytesHeard === BYTES && visiting.heard.bytesHeard === BYTES);
    expect(tookMs).toBeGreaterThanOrEqual(((2 * BYTES - RATE * 0.15) / RATE) * 1000);
    expect(tookMs).toBeLessThan(10_000);
  });

  test("are no matter where there is no limit", async () => {
    const { agent, tcpPort } = await scene(Infinity);
    await agent.bind({ Proto: "tcp", Opts: {} });
    const visiting = await visitor(tcpPort);
    const { stream } = await streamOf(agent);
    stream.write(Buffer.from("x".repeat(BYTES)));
    await visiting.heard.until(() => visiting.heard.bytesHeard === BYTES);
    expect(visiting.heard.bytesHeard).toBe(BYTES);
  });
});
