import { afterEach, describe, expect, test } from "bun:test";
import type { EdgeOptions } from "../../src/edge/edge.ts";
import type { EndpointTraffic } from "../../src/edge/operations/endpoint-traffic.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { freePorts } from "../support/free-ports.ts";
import { ask, http2Visitor } from "../support/grpc-like.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { EDGE_CA_PEM, type EdgeAgent, LOOPBACK, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
/** Of an edge whose configuration alone says who may what. */
const ACCOUNT_ID = "ac_operator";
const GET = "GET / HTTP/1.1\r\nHost: a.edge.test\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const NOTHING = { requests: 0, visitors: 0, visitorsOpen: 0, bytesIn: 0, bytesOut: 0 };

interface Scene extends EdgeAgent {
  readonly edge: TestEdge;
  /** Of the only endpoint, without its id. */
  readonly traffic: () => Omit<EndpointTraffic, "endpointId">;
}

/** An edge with one agent that serves a.edge.test. */
async function scene(more: Partial<EdgeOptions> = {}, wire: object = { Proto: "http" }): Promise<Scene> {
  const edge = testEdge(more);
  ends.push(edge.end);
  const connected = await edge.agent();
  await connected.bind({ Opts: { Domain: "a.edge.test" }, ...wire });
  const traffic = (): Omit<EndpointTraffic, "endpointId"> => {
    const [{ endpointId, ...figures } = { endpointId: "", url: "", ...NOTHING }] = edge.edge.traffic(ACCOUNT_ID);
    expect(endpointId).toMatch(/^ep_/);
    return figures;
  };
  return { edge, traffic, ...connected };
}

async function visitor(port: number): Promise<{ readonly connection: Duplex; readonly heard: RecordingListener }> {
  const connection = await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 5_000 });
  ends.push(() => connection.reset());
  return { connection, heard: new RecordingListener(connection) };
}

/** The stream of that number at the agent, once it is open. */
async function streamOf({ agent }: Scene, index: number): Promise<EdgeAgent["agent"]["proxies"][number]> {
  await eventually("the agent has the stream", () => agent.proxies.length > index);
  const proxied = agent.proxies[index];
  if (proxied === undefined) throw new Error("no stream");
  return proxied;
}

describe("Edge.traffic", () => {
  test("Edge.traffic counts requests, and visitors once however many they send", async () => {
    const s = await scene();
    expect(s.traffic()).toEqual({ url: "http://a.edge.test", ...NOTHING });
    const { connection, heard } = await visitor(s.edge.http);
    connection.write(bytes(GET));
    const { stream, payload, heard: atAgent } = await streamOf(s, 0);
    expect(s.traffic()).toMatchObject({ requests: 1, visitors: 1, visitorsOpen: 1, bytesIn: payload.length });
    stream.write(bytes(OK));
    await heard.until(() => heard.text === OK);
    connection.write(bytes(GET));
    await atAgent.until(() => atAgent.bytesHeard > 0);
    stream.write(bytes(OK));
    await heard.until(() => heard.text === OK + OK);
    const bytesIn = payload.length + atAgent.bytesHeard;
    expect(s.traffic()).toMatchObject({ requests: 2, visitors: 1, visitorsOpen: 1, bytesIn, bytesOut: 2 * OK.length });
    connection.end();
    await heard.until(() => heard.isClosed);
    await eventually("the visitor is gone", () => s.traffic().visitorsOpen === 0);
    expect(s.traffic()).toMatchObject({ requests: 2, visitors: 1 });
  });

  test("Edge.traffic counts a visitor once, also when each of its requests needs a stream of its own", async () => {
    const s = await scene();
    const { connection, heard } = await visitor(s.edge.http);
    for (const index of [0, 1]) {
      connection.write(bytes(GET));
      const { stream } = await streamOf(s, index);
      stream.write(bytes(OK));
      await heard.until(() => heard.text === OK.repeat(index + 1));
      stream.end();
    }
    expect(s.traffic()).toMatchObject({ requests: 2, visitors: 1, visitorsOpen: 1, bytesOut: 2 * OK.length });
  });

  test("Edge.traffic tells of a long response while it comes", async () => {
    const s = await scene();
    const { connection, heard } = await visitor(s.edge.http);
    connection.write(bytes(GET));
    const { stream } = await streamOf(s, 0);
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    stream.write(bytes(`${head}part`));
    await heard.until(() => heard.text.endsWith("part"));
    expect(s.traffic()).toMatchObject({ bytesOut: head.length + 4 });
  });

  test("Edge.traffic tells of an upgraded connection while it is open", async () => {
    const s = await scene();
    const { connection, heard } = await visitor(s.edge.http);
    connection.write(bytes("GET / HTTP/1.1\r\nHost: a.edge.test\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"));
    const { stream, payload, heard: atAgent } = await streamOf(s, 0);
    const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
    stream.write(bytes(switching));
    await heard.until(() => heard.text === switching);
    connection.write(bytes("up"));
    await atAgent.until(() => atAgent.text === "up");
    stream.write(bytes("down"));
    await heard.until(() => heard.text.endsWith("down"));
    expect(s.traffic()).toMatchObject({
      requests: 1,
      visitors: 1,
      visitorsOpen: 1,
      bytesIn: payload.length + 2,
      bytesOut: switching.length + 4,
    });
    connection.end();
    stream.end();
    await eventually("the visitor is gone", () => s.traffic().visitorsOpen === 0);
  });

  test("Edge.traffic counts what the edge answers in the endpoint's place, but no bytes of it", async () => {
    const s = await scene({}, { Proto: "http", Opts: { Domain: "a.edge.test", Auth: "user:password1" } });
    const { connection, heard } = await visitor(s.edge.http);
    connection.write(bytes(GET));
    await heard.until(() => heard.text.startsWith("HTTP/1.1 401"));
    expect(s.traffic()).toMatchObject({ requests: 1, visitors: 1, visitorsOpen: 1, bytesIn: 0, bytesOut: 0 });
  });

  test("Edge.traffic counts a visitor that speaks HTTP/2 once", async () => {
    const s = await scene({}, { Proto: "https", Opts: { Domain: "a.edge.test" } });
    const place = {
      scheme: "https",
      host: "a.edge.test",
      authority: "a.edge.test",
      port: s.edge.https,
      caPem: EDGE_CA_PEM,
    } as const;
    const session = await http2Visitor(place);
    ends.push(() => session.destroy());
    const answers = [ask(session, { ":path": "/1" }), ask(session, { ":path": "/2" })];
    for (const index of [0, 1]) (await streamOf(s, index)).stream.write(bytes(OK));
    expect((await Promise.all(answers)).map(({ body }) => body.toString())).toEqual(["ok", "ok"]);
    expect(s.traffic()).toMatchObject({ requests: 2, visitors: 1, visitorsOpen: 1, bytesOut: 2 * OK.length });
    session.destroy();
    await eventually("the visitor is gone", () => s.traffic().visitorsOpen === 0);
  });

  test("Edge.traffic counts connections that are not HTTP", async () => {
    const first = freePorts(1);
    const tcp = { hostname: LOOPBACK, ports: { first, last: first } };
    const s = await scene({ tcp }, { Proto: "tcp", Opts: {} });
    const { connection, heard } = await visitor(first);
    connection.write(bytes("hello"));
    const { stream, heard: atAgent } = await streamOf(s, 0);
    await atAgent.until(() => atAgent.text === "hello");
    stream.write(bytes("you"));
    await heard.until(() => heard.text === "you");
    expect(s.traffic()).toMatchObject({ requests: 0, visitors: 1, visitorsOpen: 1, bytesIn: 5, bytesOut: 3 });
    connection.reset();
    await eventually("the visitor is gone", () => s.traffic().visitorsOpen === 0);
    expect(s.traffic().visitors).toBe(1);
  });

  test("Edge.traffic shows an account nothing of another", async () => {
    const s = await scene();
    expect(s.edge.edge.traffic("acct_other")).toEqual([]);
    expect(s.edge.edge.traffic(ACCOUNT_ID)).toHaveLength(1);
  });
});
