import { afterEach, describe, expect, test } from "bun:test";
import type { EdgeOptions } from "../../src/edge/edge.ts";
import { OpenVisitors } from "../../src/edge/open-visitors.ts";
import { TrustedFronts } from "../../src/edge/trusted-fronts.ts";
import { parseCidr } from "../../src/model/cidr.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { IdleWatch } from "../../src/net/idle-watch.ts";
import type { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { Tally } from "../../src/telemetry/tally.ts";
import { freePorts } from "../support/free-ports.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { type RecordedLine, recordingLog } from "../support/recording-log.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { type EdgeAgent, EDGE_CA_PEM, type LogLine, LOOPBACK, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");
const hex = (digits: string): Uint8Array => Buffer.from(digits.replaceAll(" ", ""), "hex");
const SIGNATURE = "0d0a0d0a000d0a515549540a";
const V1 = latin1("PROXY TCP4 192.0.2.1 198.51.100.9 56324 443\r\n");
const V2 = hex(`${SIGNATURE} 21 11 000c c0000201 c6336409 dc04 01bb`);
const IPV6 = hex(`${SIGNATURE} 21 21 0024 20010db8000000000000000000000001 20010db8000000000000000000000002 0001 ffff`);
const MAPPED = hex(
  `${SIGNATURE} 21 21 0024 00000000000000000000ffffc0000201 00000000000000000000ffffc6336409 dc04 01bb`,
);
const LOCAL = hex(`${SIGNATURE} 20 00 0000`);
const DATAGRAM = hex(`${SIGNATURE} 21 12 000c c0000201 c6336409 dc04 01bb`);
const UNKNOWN = latin1("PROXY UNKNOWN\r\n");

const NO_HEADER = "a trusted proxy sent no PROXY header";
const LIMIT_MS = 60_000;
const IPV4_ENDS = ["192.0.2.1:56324", "198.51.100.9:443"];

interface Scene {
  readonly port: number;
  readonly accepted: SocketDuplex[];
  readonly served: { readonly visitor: Duplex; readonly heard: RecordingListener }[];
  readonly visitors: OpenVisitors;
  readonly clock: ManualClock;
  readonly refusals: Tally;
  readonly log: RecordedLine[];
}

function scene(networks: readonly string[], hostname = LOOPBACK): Scene {
  const [clock, visitors] = [new ManualClock(), new OpenVisitors()];
  const accepted: SocketDuplex[] = [];
  const served: Scene["served"] = [];
  const { log, lines } = recordingLog();
  const refusals = new Tally();
  const fronts = new TrustedFronts({
    networks: networks.map(parseCidr),
    visitors,
    idleWatch: new IdleWatch(clock),
    limitMs: LIMIT_MS,
    refusals,
    log,
  });
  const listening = listenTcp({ hostname, port: 0 }, (connection) => {
    accepted.push(connection);
    fronts.accept(connection, (visitor) => void served.push({ visitor, heard: new RecordingListener(visitor) }));
  });
  ends.push(() => listening.close());
  return { port: listening.port, accepted, served, visitors, clock, refusals, log: lines };
}

async function dial(port: number, host = LOOPBACK): Promise<{ connection: SocketDuplex; heard: RecordingListener }> {
  const connection = await dialTcp({ host, port }, { timeoutMs: 5_000 });
  ends.push(() => connection.reset());
  return { connection, heard: new RecordingListener(connection) };
}

/** The only visitor, once it is served and was heard to say so much. */
async function served(s: Scene, text: string): Promise<Duplex> {
  await eventually("the visitor is served", () => s.served[0]?.heard.text === text);
  const visitor = s.served[0]?.visitor;
  if (visitor === undefined) throw new Error("no visitor");
  return visitor;
}

const endsOf = ({ remoteAddress, localAddress }: Duplex): unknown => [remoteAddress, localAddress];

describe("TrustedFronts", () => {
  test.each([
    ["version 1", V1, IPV4_ENDS],
    ["version 2", V2, IPV4_ENDS],
    ["version 2 of IPv6", IPV6, ["[2001:db8::1]:1", "[2001:db8::2]:65535"]],
    ["version 2 of mapped IPv4", MAPPED, IPV4_ENDS],
  ])("TrustedFronts gives the visitor behind a header of %s its ends and its bytes", async (_, header, expected) => {
    const s = scene(["10.0.0.0/8", "127.0.0.0/8"]);
    const { connection, heard } = await dial(s.port);
    connection.write(Buffer.concat([header, latin1("hello")]));
    const visitor = await served(s, "hello");
    expect(endsOf(visitor)).toEqual(expected);
    expect([s.visitors.count, s.clock.pending]).toEqual([0, 0]);
    connection.write(latin1(", more"));
    connection.end();
    await served(s, "hello, more");
    visitor.write(latin1("answer"));
    visitor.end();
    await heard.until(() => heard.hasEnded);
    expect(heard.text).toBe("answer");
  });

  test.each([
    ["version 1", V1],
    ["version 2", V2],
  ])("TrustedFronts reads a header of %s cut anywhere", async (_, header) => {
    const whole = Buffer.concat([header, latin1("hello")]);
    for (let cut = 1; cut < whole.length; cut += 1) {
      const s = scene(["127.0.0.0/8"]);
      const { connection } = await dial(s.port);
      connection.write(whole.subarray(0, cut));
      await eventually("the first part is here", () => s.accepted[0]?.receivedBytes === cut);
      expect(s.served.length).toBe(cut < header.length ? 0 : 1);
      connection.write(whole.subarray(cut));
      expect(endsOf(await served(s, "hello"))).toEqual(IPV4_ENDS);
    }
  });

  test.each([
    ["speaks for itself", LOCAL],
    ["does not know whose connection it is", UNKNOWN],
    ["tells of datagrams", DATAGRAM],
  ])("TrustedFronts leaves a front that %s its own address", async (_, header) => {
    const s = scene(["127.0.0.0/8"]);
    const { connection } = await dial(s.port);
    connection.write(Buffer.concat([header, latin1("hello")]));
    const visitor = await served(s, "hello");
    expect(endsOf(visitor)).toEqual([connection.localAddress, connection.remoteAddress]);
  });

  test("TrustedFronts knows a front by its IPv6 address", async () => {
    const s = scene(["::1/128"], "::1");
    const { connection } = await dial(s.port, "::1");
    connection.write(IPV6);
    expect(endsOf(await served(s, ""))).toEqual(["[2001:db8::1]:1", "[2001:db8::2]:65535"]);
  });

  test.each([[[]], [["10.0.0.0/8", "::/0"]]])("TrustedFronts reads nothing of strangers to %j", async (networks) => {
    const s = scene(networks);
    const { connection } = await dial(s.port);
    connection.write(V1);
    const visitor = await served(s, Buffer.from(V1).toString("latin1"));
    expect(endsOf(visitor)).toEqual([connection.localAddress, connection.remoteAddress]);
  });

  test.each([
    ["a request", latin1("GET / HTTP/1.1\r\n\r\n")],
    ["a wrong address", latin1("PROXY TCP4 192.0.2.256 198.51.100.9 56324 443\r\n")],
    ["a header without end", latin1(`PROXY ${"x".repeat(200)}`)],
    ["another version", hex(`${SIGNATURE} 31 11 0000`)],
  ])("TrustedFronts resets a front that sends %s, and says why", async (_, first) => {
    const s = scene(["127.0.0.0/8"]);
    const { connection, heard } = await dial(s.port);
    const proxy = connection.localAddress;
    connection.write(first);
    await heard.until(() => heard.isClosed);
    expect([heard.bytesHeard, s.served]).toEqual([0, []]);
    const fields = { proxy, reason: expect.stringContaining("PROXY header") };
    expect(s.log).toEqual([{ level: "debug", message: NO_HEADER, fields }]);
    expect(s.refusals.counts).toEqual([["malformed", 1]]);
    await eventually("it is forgotten", () => s.visitors.count === 0 && s.clock.pending === 0);
  });

  test.each([
    ["says nothing", new Uint8Array(0)],
    ["stops within its header", V1.subarray(0, 20)],
  ])("TrustedFronts resets a front that %s in time", async (_, first) => {
    const s = scene(["127.0.0.0/8"]);
    const { connection, heard } = await dial(s.port);
    if (first.length > 0) connection.write(first);
    await eventually("it is here", () => s.accepted[0]?.receivedBytes === first.length);
    s.clock.advance(LIMIT_MS / 2);
    expect(s.log).toEqual([]);
    s.clock.advance(LIMIT_MS);
    await heard.until(() => heard.isClosed);
    expect(s.served).toEqual([]);
    expect(s.log).toMatchObject([
      { level: "debug", message: NO_HEADER, fields: { reason: "nothing whole came in time" } },
    ]);
    expect(s.refusals.counts).toEqual([["late", 1]]);
    await eventually("it is forgotten", () => s.visitors.count === 0);
  });

  test("TrustedFronts lets a front go that only looks whether somebody listens", async () => {
    const s = scene(["127.0.0.0/8"]);
    const { connection, heard } = await dial(s.port);
    connection.end();
    await heard.until(() => heard.isClosed);
    await eventually("it is forgotten", () => s.visitors.count === 0 && s.clock.pending === 0);
    expect([s.served, s.log, s.refusals.counts]).toEqual([[], [], []]);
  });
});

interface Public extends EdgeAgent {
  readonly edge: TestEdge;
}

/** An edge that trusts this machine, with one endpoint. */
async function publicEdge(wire: Readonly<Record<string, unknown>>, more: Partial<EdgeOptions> = {}): Promise<Public> {
  const edge = testEdge({ trustedProxies: [parseCidr("127.0.0.0/8")], ...more });
  ends.push(edge.end);
  const connected = await edge.agent();
  await connected.bind(wire);
  return { edge, ...connected };
}

const GET = latin1("GET / HTTP/1.1\r\nHost: a.edge.test\r\n\r\n");
const proxiedTo = async ({ agent }: Public): Promise<EdgeAgent["agent"]["proxies"][number]> => {
  await eventually("the agent has it", () => agent.proxies.length === 1);
  const [proxied] = agent.proxies;
  if (proxied === undefined) throw new Error("no stream");
  return proxied;
};

describe("Edge behind a trusted front", () => {
  test.each([V1, V2])("tells the agent of an http endpoint who the visitor is", async (header) => {
    const s = await publicEdge({ Proto: "http", Opts: { Domain: "a.edge.test" } });
    const { connection } = await dial(s.edge.http);
    connection.write(Buffer.concat([header, GET]));
    const { header: told, payload } = await proxiedTo(s);
    expect(told.visitorAddress).toBe("192.0.2.1:56324");
    expect(payload).toMatch(/^x-forwarded-for: 192\.0\.2\.1\r$/im);
  });

  test("keeps the visitor's address inside TLS", async () => {
    const s = await publicEdge({ Proto: "https", Opts: { Domain: "a.edge.test" } });
    const { connection } = await dial(s.edge.https);
    connection.write(V1);
    const tls = await connectTls(connection, {
      serverName: "a.edge.test",
      context: clientTlsContext([EDGE_CA_PEM]),
      verify: true,
    });
    ends.push(() => tls.connection.reset());
    tls.connection.write(GET);
    const { header, payload } = await proxiedTo(s);
    expect(header.visitorAddress).toBe("192.0.2.1:56324");
    expect(payload).toMatch(/^x-forwarded-for: 192\.0\.2\.1\r$/im);
  });

  test("gives a tcp endpoint the visitor's ends, also in the header for its upstream", async () => {
    const first = freePorts(1);
    const tcp = { hostname: LOOPBACK, ports: { first, last: first } };
    const s = await publicEdge({ Proto: "tcp", Opts: { ProxyProto: 1 } }, { tcp });
    const { connection } = await dial(first);
    connection.write(Buffer.concat([V2, latin1("hello")]));
    const { header, payload, heard } = await proxiedTo(s);
    expect(header.visitorAddress).toBe("192.0.2.1:56324");
    await eventually("all is there", () => payload + heard.text === `${Buffer.from(V1).toString("latin1")}hello`);
  });

  test("logs an agent at the address that the front names", async () => {
    const s = await publicEdge({ Proto: "http", Opts: { Domain: "a.edge.test" } });
    const { connection } = await dial(s.edge.agents);
    connection.write(V1);
    const tls = await connectTls(connection, {
      serverName: "edge.test",
      context: clientTlsContext([EDGE_CA_PEM]),
      verify: true,
    });
    ends.push(() => tls.connection.reset());
    tls.connection.write(Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff));
    await eventually("the agent is logged", () => agentsOf(s.edge.log).includes("192.0.2.1:56324"));
  });

  test("drops a visitor without a header on every port", async () => {
    const first = freePorts(1);
    const tcp = { hostname: LOOPBACK, ports: { first, last: first } };
    const { edge, agent } = await publicEdge({ Proto: "tcp" }, { tcp });
    for (const port of [edge.http, edge.https, edge.agents, first]) {
      const { connection, heard } = await dial(port);
      connection.write(GET);
      await heard.until(() => heard.isClosed);
      expect(heard.bytesHeard).toBe(0);
    }
    expect(agent.proxies).toEqual([]);
  });
});

const agentsOf = (log: readonly LogLine[]): readonly unknown[] => log.map(({ fields }) => fields["agent"]);
