import { afterEach, expect, test } from "bun:test";
import type { EdgeOptions } from "../../src/edge/edge.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { SRV_INFO } from "../../src/protocol/rpc/agent-calls.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { clientHello } from "../support/client-hello.ts";
import { freePorts } from "../support/free-ports.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { AUTH_REQUEST, PlayedAgent } from "../support/session-pair.ts";
import { EDGE_CA_PEM, LOOPBACK, TEST_LIMITS, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";
import { visit } from "../support/visit.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const MAX = 3;

function fullEdge(more: Partial<EdgeOptions> = {}): TestEdge {
  const edge = testEdge({ limits: { ...TEST_LIMITS, maxVisitors: MAX }, ...more });
  ends.push(edge.end);
  return edge;
}

interface Dialled {
  readonly reset: () => void;
  readonly send: (what: string | Uint8Array) => void;
}

async function dial(port: number): Promise<RecordingListener & Dialled> {
  const connection = await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 5_000 });
  ends.push(() => connection.reset());
  return Object.assign(new RecordingListener(connection), {
    reset: () => connection.reset(),
    send: (what: string | Uint8Array) => void connection.write(Buffer.from(what)),
  });
}

test("VisitorGate turns those away who are too many, on every port, and tells so once", async () => {
  const first = freePorts(1);
  const edge = fullEdge({ tcp: { hostname: LOOPBACK, ports: { first, last: first } } });
  await (await edge.agent()).bind({ Proto: "tcp" });
  // Each waits until it is served, so that the next one comes after it.
  const within = [];
  for (let n = 0; n < MAX; n += 1) {
    within.push(await dial(edge.http));
    expect(edge.log.filter(({ level }) => level === "warn")).toEqual([]);
  }
  for (const port of [edge.http, edge.https, edge.agents, first]) {
    const beyond = await dial(port);
    await beyond.until(() => beyond.isClosed);
    expect(beyond.bytesHeard).toBe(0);
  }
  expect(within.map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
  expect(edge.log.filter(({ level }) => level === "warn")).toEqual([
    { level: "warn", message: "visitors are turned away", fields: { limit: MAX } },
  ]);
});

test("VisitorGate counts those that have their answer and do not go", async () => {
  const edge = fullEdge();
  const within = await Promise.all(Array.from({ length: MAX }, () => dial(edge.http)));
  for (const visitor of within) {
    visitor.send("GET / HTTP/1.1\r\nHost: a.edge.test\r\nConnection: close\r\n\r\n");
    await visitor.until(() => visitor.hasEnded);
  }
  const beyond = await dial(edge.http);
  await beyond.until(() => beyond.isClosed);
  expect(within.map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
});

test.each([
  ["speak no TLS", () => Promise.resolve(Buffer.from("GET / HTTP/1.1\r\nHost: a.edge.test\r\n\r\n"))],
  ["ask for a name that is not served", () => clientHello("nobody.test")],
])("VisitorGate counts those that %s on the https port and do not go", async (_, first) => {
  const edge = fullEdge();
  const start = await first();
  const within = await Promise.all(Array.from({ length: MAX }, () => dial(edge.https)));
  for (const visitor of within) {
    visitor.send(start);
    await visitor.until(() => visitor.hasEnded);
  }
  const beyond = await dial(edge.https);
  await beyond.until(() => beyond.isClosed);
  expect(within.map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
});

test("VisitorGate turns away visitors and agents when agents alone have taken every connection", async () => {
  const edge = fullEdge({ limits: { ...TEST_LIMITS, maxConnections: MAX } });
  const agents = await Promise.all(Array.from({ length: MAX }, () => edge.agent()));
  for (const port of [edge.http, edge.https, edge.agents]) {
    const beyond = await dial(port);
    await beyond.until(() => beyond.isClosed);
  }
  agents[0]?.agent.session.close("done");
  await eventually("the edge has seen the agent off", () => edge.edge.figures.legs < MAX);
  const within = await dial(edge.http);
  within.send("GET / HTTP/1.1\r\nHost: a.edge.test\r\n\r\n");
  await within.until(() => within.text.includes("ERR_NGROK_3200"));
});

test("VisitorGate lets the next one in when another has gone", async () => {
  const edge = fullEdge();
  const within = await Promise.all(Array.from({ length: MAX }, () => dial(edge.http)));
  const beyond = await dial(edge.http);
  await beyond.until(() => beyond.isClosed);
  within[0]?.reset();
  let status = 0;
  // The edge learns of the reset when it comes to it.
  while (status === 0)
    status = await visit("a.edge.test", { port: edge.http }).then(
      (visited) => visited.status,
      () => 0,
    );
  expect(status).toBe(404);
});

test("VisitorGate counts agents until they are let in, since anybody can pretend to be one", async () => {
  const edge = fullEdge();
  const context = clientTlsContext([EDGE_CA_PEM]);
  const agents: PlayedAgent[] = [];
  for (let n = 0; n < MAX; n += 1) {
    const plain = await dialTcp({ host: LOOPBACK, port: edge.agents }, { timeoutMs: 5_000 });
    ends.push(() => plain.reset());
    const { connection } = await connectTls(plain, { context, serverName: "edge.test", verify: true });
    const agent = new PlayedAgent(connection);
    await agent.session.call(SRV_INFO, {});
    agents.push(agent);
  }
  const beyond = await dial(edge.http);
  await beyond.until(() => beyond.isClosed);

  await agents[0]?.session.call(AUTH, AUTH_REQUEST);
  expect((await visit("a.edge.test", { port: edge.http })).status).toBe(404);
});
