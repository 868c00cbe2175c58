/** What the agent counts while an edge in memory sends it visitors, and is lost. */
import { afterEach, describe, expect, test } from "bun:test";
import { RECONNECT_BACKOFF, RETURN_SPREAD_MS } from "../../src/agent/reconnect-machine.ts";
import { Agent } from "../../src/agent/agent.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { noLog } from "../../src/telemetry/logger.ts";
import { ScriptedEdge } from "../support/scripted-edge.ts";
import { httpTunnel, tcpTunnel } from "../support/tunnel-definitions.ts";
import { eventually } from "../support/turns.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function play(): { readonly agent: Agent; readonly edge: ScriptedEdge } {
  const edge = new ScriptedEdge();
  const agent = new Agent({
    connect: edge.connect,
    identity: { authtoken: "", version: "0.1.0", metadata: "", configVersion: "3", allowsRemoteManagement: false },
    heartbeat: { intervalMs: 5_000, toleranceMs: 5_000 },
    region: undefined,
    clock: edge.clock,
    log: noLog,
    random: () => 0.5,
  });
  cleanups.push(async () => {
    const stopped = agent.stop();
    edge.clock.advance(10_000);
    await stopped;
  });
  return { agent, edge };
}

/** The address of an upstream that says everything again, twice. */
function repeater(): string {
  const listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (connection) => {
    connection.listen({
      onData: (bytes) => {
        connection.write(bytes.slice());
        connection.write(bytes);
      },
      onDrain: () => {},
      onEnd: () => connection.end(),
      onClose: () => {},
    });
  });
  cleanups.push(() => listening.close());
  return `127.0.0.1:${listening.port}`;
}

describe("Agent, visitors counted", () => {
  test("Agent counts the visitors of each tunnel of a pair for itself, and all of them together", async () => {
    const { agent, edge } = play();
    const [https, http] = await agent.start([
      httpTunnel({ upstream: `http://${repeater()}`, schemes: ["https", "http"] }),
    ]);
    if (https === undefined || http === undefined) throw new Error("no pair");
    const visits = [
      [https, "to https"],
      [http, "http"],
      [http, "again"],
    ] as const;
    for (const [tunnel, text] of visits) {
      const { stream, heard } = edge.visit(tunnel.bindId, text);
      await heard.until(() => heard.text === text + text);
      stream.end();
      await heard.until(() => heard.isClosed);
    }
    await eventually("all are closed", () => agent.metrics.conns.openCount === 0);
    const { clock } = edge;
    expect(https.metrics.conns.snapshot(clock.nowMs())).toMatchObject({ count: 1, gauge: 0 });
    expect(http.metrics.conns.snapshot(clock.nowMs())).toMatchObject({ count: 2, gauge: 0 });
    expect([https.metrics.bytesIn, https.metrics.bytesOut]).toEqual([8, 16]);
    expect([http.metrics.bytesIn, http.metrics.bytesOut]).toEqual([9, 18]);
    expect(agent.metrics.conns.snapshot(clock.nowMs())).toMatchObject({ count: 3, gauge: 0 });
    expect([agent.metrics.bytesIn, agent.metrics.bytesOut]).toEqual([17, 34]);
  });

  test("Agent counts a connection as open until it closes, with its time by the clock", async () => {
    const { agent, edge } = play();
    const [tunnel] = await agent.start([tcpTunnel({ upstream: repeater() })]);
    const { stream, heard } = edge.visit("bind_1", "x");
    await heard.until(() => heard.text === "xx");
    expect(tunnel?.metrics.conns.openCount).toBe(1);
    edge.clock.advance(1_000);
    stream.reset();
    await eventually("it is closed", () => tunnel?.metrics.conns.openCount === 0);
    expect(tunnel?.metrics.conns.snapshot(1_000)).toMatchObject({ count: 1, gauge: 0, p50: 1e9 });
  });

  test("Agent starts a tunnel at zero under a name that had visitors, and remembers them in all", async () => {
    const { agent, edge } = play();
    const [first] = await agent.start([tcpTunnel({ upstream: repeater() })]);
    if (first === undefined) throw new Error("no tunnel");
    const { stream, heard } = edge.visit("bind_1", "x");
    await heard.until(() => heard.text === "xx");
    stream.end();
    await heard.until(() => heard.isClosed);
    await agent.stopTunnel(first.name);
    const [second] = await agent.startTunnel(first.definition);
    expect(second?.metrics.conns.openedCount).toBe(0);
    expect(agent.metrics.conns.openedCount).toBe(1);
  });
});

describe("Agent, legs", () => {
  test("Agent has one leg, with the state of its session, its sessions so far, its streams and its latency", async () => {
    const { agent, edge } = play();
    expect(agent.legs).toMatchObject([{ region: "", latencyMs: undefined, streamsOpen: 0, sessionCount: 0 }]);
    await agent.start([tcpTunnel({ upstream: repeater() })]);
    expect(agent.legs).toMatchObject([{ state: "online", sessionCount: 1 }]);
    edge.clock.advance(5); // the first beat leaves
    await eventually("a round trip was measured", () => agent.legs[0]?.latencyMs === 0);
    await eventually("its calls are over", () => agent.legs[0]?.streamsOpen === 1);
    const { heard } = edge.visit("bind_1", "x");
    await heard.until(() => heard.text === "xx");
    expect(agent.legs[0]?.streamsOpen).toBe(2);
    edge.clock.advance(2_000);
    edge.isDown = true;
    edge.drop();
    await eventually("the loss is noticed", () => agent.status.state === "reconnecting");
    edge.clock.advance(RETURN_SPREAD_MS);
    await eventually("it dials in vain", () => agent.status.reason?.endsWith("connection refused") === true);
    expect(agent.legs[0]).toMatchObject({
      state: "reconnecting",
      latencyMs: undefined,
      streamsOpen: 0,
      sessionCount: 1,
    });
    edge.isDown = false;
    edge.clock.advance(RECONNECT_BACKOFF.firstMs); // the whole of the first pause
    await eventually("it is back", () => agent.legs[0]?.state === "online");
    expect(agent.legs[0]).toMatchObject({ sessionCount: 2 });
    expect(agent.uptimeMs).toBe(2_005 + RETURN_SPREAD_MS + RECONNECT_BACKOFF.firstMs);
  });
});
