import { afterEach, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import type { EdgeOptions } from "../../src/edge/edge.ts";
import { parseCidr } from "../../src/model/cidr.ts";
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

/** `from`: an address of this machine. */
async function dial(port: number, from: string = LOOPBACK): Promise<RecordingListener & Dialled> {
  const connection = await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 5_000, localAddress: from });
  ends.push(() => connection.reset());
  return Object.assign(new RecordingListener(connection), {
    reset: () => connection.reset(),
    send: (what: string | Uint8Array) => void connection.write(Buffer.from(what)),
  });
}

const NOBODYS = "GET / HTTP/1.1\r\nHost: a.edge.test\r\n\r\n";

/** Visitors who have asked, one after the other, and stay. */
async function fill(port: number): Promise<readonly (RecordingListener & Dialled)[]> {
  const within = [];
  for (let n = 0; n < MAX; n += 1) {
    const visitor = await dial(port);
    visitor.send(NOBODYS);
    await visitor.until(() => visitor.text.includes("ERR_NGROK_3200"));
    within.push(visitor);
  }
  return within;
}

const descriptors = (): number => readdirSync("/proc/self/fd").length;
const areClosed = (visitors: readonly RecordingListener[]): readonly boolean[] =>
  visitors.map(({ isClosed }) => isClosed);

test("VisitorGate turns those away who are too many, on every port, and tells so once", async () => {
  const first = freePorts(1);
  const edge = fullEdge({ tcp: { hostname: LOOPBACK, ports: { first, last: first } } });
  await (await edge.agent()).bind({ Proto: "tcp" });
  const within = await fill(edge.http);
  expect(edge.log.filter(({ level }) => level === "warn")).toEqual([]);
  for (const port of [edge.http, edge.https, edge.agents, first]) {
    const beyond = await dial(port);
    await beyond.until(() => beyond.isClosed);
    expect(beyond.bytesHeard).toBe(0);
  }
  expect(areClosed(within)).toEqual([false, false, false]);
  expect(edge.log.filter(({ level }) => level === "warn")).toEqual([
    { level: "warn", message: "visitors are turned away", fields: { limit: MAX } },
  ]);
  expect(edge.edge.figures.visitorsTurnedAway).toBe(4);
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
  expect(areClosed(within)).toEqual([false, false, false]);
});

const say = (text: string) => (): Promise<string> => Promise.resolve(text);
const HELLO = (): Promise<Uint8Array> => clientHello("edge.test");

test.each<readonly [string, "http" | "https" | "agents", () => Promise<string | Uint8Array>, "answered" | "silence"]>([
  ["say nothing", "http", say(""), "silence"],
  ["have begun a head", "http", say("GET / HTTP/1.1\r\nX: "), "silence"],
  ["have sent no head at all", "http", say("what\r\n\r\n"), "answered"],
  ["say nothing", "https", say(""), "silence"],
  ["have begun a ClientHello", "https", async () => (await HELLO()).subarray(0, 100), "silence"],
  ["have begun a handshake", "https", HELLO, "answered"],
  ["speak no TLS", "https", say(NOBODYS), "answered"],
  ["ask for a name that is not served", "https", () => clientHello("nobody.test"), "answered"],
  ["say nothing", "agents", say(""), "silence"],
  ["have begun a handshake", "agents", HELLO, "answered"],
])("VisitorGate counts those that %s on the %s port, and lets them give way", async (_, port, first, then) => {
  const edge = fullEdge();
  const start = await first();
  const before = descriptors();
  const within = await Promise.all(Array.from({ length: MAX }, () => dial(edge[port], "127.0.0.2")));
  await eventually("all are accepted", () => descriptors() === before + 2 * MAX);
  for (const visitor of within) {
    visitor.send(start);
    if (then === "answered") await visitor.until(() => visitor.bytesHeard > 0);
  }
  for (let gone = 1; gone <= MAX; gone += 1) {
    const visitor = await dial(edge.http);
    visitor.send(NOBODYS);
    await visitor.until(() => visitor.text.includes("ERR_NGROK_3200"));
    await eventually("one has given way", () => areClosed(within).filter(Boolean).length === gone);
  }
  // Those who have asked give way to nobody.
  const beyond = await dial(edge.http);
  await beyond.until(() => beyond.isClosed);
  expect(beyond.bytesHeard).toBe(0);
});

test("VisitorGate tells visitors behind a trusted front by their own addresses", async () => {
  const edge = fullEdge({ trustedProxies: [parseCidr(`${LOOPBACK}/32`)] });
  const visitor = async (ip: string): Promise<RecordingListener & Dialled> => {
    const dialled = await dial(edge.http);
    dialled.send(`PROXY TCP4 ${ip} 127.0.0.1 5000 80\r\nwhat\r\n\r\n`);
    await dialled.until(() => dialled.bytesHeard > 0);
    return dialled;
  };
  const alone = await visitor("192.0.2.1");
  const crowd = [await visitor("192.0.2.2"), await visitor("192.0.2.2")];
  await visitor("192.0.2.3");
  await eventually("one has given way", () => areClosed([alone, ...crowd]).includes(true));
  expect(areClosed([alone, ...crowd])).toEqual([false, true, false]);
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
  const within = await fill(edge.http);
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

/** Behind TLS, and not let in yet. */
async function stranger(edge: TestEdge, from: string = LOOPBACK): Promise<PlayedAgent> {
  const plain = await dialTcp({ host: LOOPBACK, port: edge.agents }, { timeoutMs: 5_000, localAddress: from });
  ends.push(() => plain.reset());
  const context = clientTlsContext([EDGE_CA_PEM]);
  const { connection } = await connectTls(plain, { context, serverName: "edge.test", verify: true });
  const agent = new PlayedAgent(connection);
  await agent.session.call(SRV_INFO, {});
  return agent;
}

test("VisitorGate counts agents until they are let in, since anybody can pretend to be one, and until then they give way", async () => {
  const edge = fullEdge();
  const agents: PlayedAgent[] = [];
  for (let n = 0; n < MAX; n += 1) agents.push(await stranger(edge, "127.0.0.2"));
  const areOpen = (): readonly boolean[] => agents.map(({ session }) => session.isOpen);

  agents.push(await stranger(edge));
  await eventually("the first has given way", () => Bun.deepEquals(areOpen(), [false, true, true, true]));
  await agents[1]?.session.call(AUTH, AUTH_REQUEST);
  await fill(edge.http);
  await eventually("all others have", () => Bun.deepEquals(areOpen(), [false, true, false, false]));
  const beyond = await dial(edge.http);
  await beyond.until(() => beyond.isClosed);
  expect(edge.edge.figures.legs).toBe(1);
});
