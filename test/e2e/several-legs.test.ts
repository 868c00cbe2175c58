/** An agent at an edge of two processes has a session in each, and is served on when one of them dies. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { type Listening, listenTcp } from "../../src/net/tcp-listen.ts";
import { agentOf, portOf } from "../support/agent-of-edge.ts";
import type { AgentProcess } from "../support/agent-process.ts";
import { succeed } from "../support/client-program.ts";
import { EdgeProcess } from "../support/edge-process.ts";
import { type ExposedValue, readExposition } from "../support/exposition.ts";
import { echo } from "../support/raw-upstream.ts";
import { RecordingListener } from "../support/recording-listener.ts";

setDefaultTimeout(90_000);
/** So many connections come to both processes, but for a chance of one in a million. */
const VISITORS = 20;
/** Of a session without visitors: the heartbeats of both sides. */
const OWN_STREAMS = 2;
/** The kernel puts a further leg beside the first as often as not. */
const PATIENCE_MS = 60_000;

let edge: EdgeProcess;
let agent: AgentProcess;
let upstream: Listening;
let api: string;
let port: number;

beforeAll(async () => {
  upstream = listenTcp({ hostname: "127.0.0.1", port: 0 }, echo);
  edge = await EdgeProcess.start("--workers=2");
  await edge.logged("worker ready", "");
  agent = await agentOf(edge, ["tcp", String(upstream.port)]);
  api = `http://${(await agent.logged("starting web service"))["addr"]}`;
  port = portOf(await agent.url());
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await edge[Symbol.asyncDispose]();
  upstream.close();
  expect(agent.stderr.lines).toEqual([]);
});

/** A visitor who was served, and stays. */
async function served(): Promise<SocketDuplex> {
  const visitor = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
  const heard = new RecordingListener(visitor);
  visitor.write(Buffer.from("hello"));
  await heard.until(() => heard.text === "hello" || heard.isClosed);
  expect(heard.text).toBe("hello");
  return visitor;
}

/** The values of an agent's metric, by leg. */
async function metric(name: string): Promise<readonly number[]> {
  const text = await (await fetch(`${api}/metrics`)).text();
  return (readExposition(text).get(name)?.values ?? []).map(({ value }: ExposedValue) => value);
}

/** Both legs are up, and visitors of both processes come over them: a bind over the second follows its session. */
async function bothCarry(): Promise<void> {
  const givesUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const isUp = (await metric("ginnel_agent_session_up")).join() === "1,1";
    const visitors = isUp ? await Promise.all(Array.from({ length: VISITORS }, served)) : [];
    const streams = await metric("ginnel_agent_session_streams");
    for (const visitor of visitors) visitor.reset();
    if (isUp && streams.length === 2 && streams.every((count) => count > OWN_STREAMS)) return;
    if (performance.now() > givesUpAt) throw new Error(`the legs have ${streams.join(" and ")} streams`);
  }
}

describe("an agent at an edge of two processes", () => {
  test("has a session in each, over which their visitors come", async () => {
    await bothCarry();
    const status: unknown = await (await fetch(`${api}/api/status`)).json();
    expect(status).toMatchObject({ status: "online", session: { legs: [{ state: "online" }, { state: "online" }] } });
  });

  test("serves everybody on when a process is killed, and is back in the one that takes its place", async () => {
    const [worker = ""] = (await succeed(["pgrep", "-P", String(edge.pid)])).split("\n");
    const before = edge.linesLogged;
    process.kill(Number(worker), "SIGKILL");
    await edge.logged("worker has ended", "SIGKILL", before);
    const visitors = await Promise.all(Array.from({ length: VISITORS }, served));
    for (const visitor of visitors) visitor.reset();
    await edge.logged("worker ready", "", before);
    await bothCarry();
    // The end of the process, and nothing else.
    expect(edge.faultsLogged).toHaveLength(1);
  });
});
