import { afterEach, describe, expect, test } from "bun:test";
import { connect, type TLSSocket } from "node:tls";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import type { EdgeOptions } from "../../src/edge/edge.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { SessionError } from "../../src/net/session-error.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { createLocalCa, LocalCa } from "../../src/pki/local-ca.ts";
import { UNBIND } from "../../src/protocol/rpc/agent-calls.ts";
import { byteRelay, oneByOne } from "../support/byte-relay.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { type OpensslAnswer, visitWithOpenssl } from "../support/openssl-visitor.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { AUTH_REQUEST, PlayedAgent } from "../support/session-pair.ts";
import { type EdgeAgent, EDGE_CA_PEM, LOOPBACK, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";
import recorded from "../vectors/client-hellos.json";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function newEdge(more?: Partial<EdgeOptions>, clock?: Clock): TestEdge {
  const edge = testEdge(more, clock);
  ends.push(edge.end);
  return edge;
}

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** A visitor below TLS, and what it heard. */
async function dial(port: number, first?: Uint8Array): Promise<RecordingListener> {
  const visitor = await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 5_000 });
  ends.push(() => visitor.reset());
  if (first !== undefined) visitor.write(first);
  const heard = new RecordingListener(visitor);
  heard.onBytes = () => {};
  return heard;
}

/** What comes back over TLS, to the end or to the text. */
function overTls(port: number, serverName: string, request: string, until?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = "";
    const options = {
      host: LOOPBACK,
      port,
      servername: serverName,
      ca: EDGE_CA_PEM,
      checkServerIdentity: () => undefined,
    };
    const socket: TLSSocket = connect(options, () => socket.write(request));
    ends.push(() => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString("latin1");
      if (until !== undefined && heard.includes(until)) resolve(heard);
    });
    socket.on("end", () => resolve(heard));
    socket.on("error", reject);
  });
}

function helloOf(name: string): Uint8Array {
  const found = recorded.find((hello) => hello.name === name);
  if (found === undefined) throw new Error(`no vector ${name}`);
  return Buffer.from(found.hex, "hex");
}

/** The agent answers every request with its own first line. */
async function webAgent(edge: TestEdge, wire: Readonly<Record<string, unknown>>): Promise<EdgeAgent & { url: string }> {
  const connected = await edge.agent();
  ends.push(() => connected.agent.session.close(""));
  const { url } = await connected.bind(wire);
  const serve = connected.agent.onProxy.bind(connected.agent);
  connected.agent.onProxy = (header, stream, payload) => {
    serve(header, stream, payload);
    const line = Buffer.from(payload).toString("latin1").split("\r\n")[0] ?? "";
    stream.write(bytes(`HTTP/1.1 200 OK\r\nContent-Length: ${line.length}\r\n\r\n${line}`));
  };
  return { ...connected, url };
}

const get = (host: string): string => `GET /x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

describe("TlsPort", () => {
  test("tells a visitor without TLS what to do", async () => {
    const heard = await dial(newEdge().https, bytes(get("a.edge.test")));
    await heard.until(() => heard.hasEnded);
    const [head = "", body = ""] = heard.text.split("\r\n\r\n");
    expect(head).toStartWith("HTTP/1.1 400 Bad Request\r\n");
    expect(head).toContain(`Content-Length: ${body.length}`);
    expect(head).toMatch(/^Date: .* GMT$/m);
    expect(body).toContain("https://");
    expect(body).toEndWith("\nERR_GINNEL_NOT_TLS\n");
  });

  test.each([
    ["noise", Uint8Array.of(0, 255, 1, 254, 22, 3, 1)],
    ["a record of TLS that is no hello", Uint8Array.of(22, 3, 1, 0, 4, 2, 0, 0, 0)],
    [
      "a hello without end",
      Buffer.concat([Uint8Array.of(22, 3, 1, 0x3f, 0xff, 1, 0, 0xff, 0xff), new Uint8Array(17_000)]),
    ],
  ])("drops %s without a word", async (_, first) => {
    const edge = newEdge();
    const heard = await dial(edge.https, first);
    await heard.until(() => heard.hasEnded || heard.isClosed);
    expect(heard.bytesHeard).toBe(0);
    expect(edge.log).toEqual([]);
  });

  test.each([
    ["says nothing", undefined],
    ["stops in its hello", helloOf("curl").subarray(0, 100)],
  ])("drops a visitor that %s", async (_, first) => {
    const clock = new ManualClock();
    const heard = await dial(newEdge({}, clock).https, first);
    await eventually("the edge gives up", () => {
      clock.advance(1_000);
      return heard.isClosed;
    });
    expect([heard.bytesHeard, clock.nowMs() >= 10_000]).toEqual([0, true]);
  });

  test("refuses a name that nobody serves with the alert unrecognized_name", async () => {
    const heard = await dial(newEdge().https, helloOf("curl"));
    await heard.until(() => heard.hasEnded);
    expect(heard.heard.toString("hex")).toBe("15030300020270");
  });

  test("refuses names without a certificate where it cannot issue, and serves those that have one", async () => {
    const www = await new LocalCa(await createLocalCa("operator", systemClock), systemClock).issue(["www.edge.test"]);
    const edge = newEdge({ certificates: [() => www], issue: undefined });
    await webAgent(edge, { Opts: { Domain: "www.edge.test" } });
    await webAgent(edge, { Opts: { Domain: "other.edge.test" } });
    const visit = (serverName: string): Promise<OpensslAnswer> =>
      visitWithOpenssl({ port: edge.https, serverName, flags: ["-alpn", "http/1.1"] });
    expect((await visit("www.edge.test")).text).toContain("ginnel local CA operator");
    for (const name of ["other.edge.test", "edge.test"]) {
      const { text } = await visit(name);
      expect([name, text]).toEqual([name, expect.stringContaining("SSL alert number 112")]);
      expect(text).toContain("no peer certificate available");
    }
  });

  test("gives a visitor whose hello comes octet by octet its answer", async () => {
    const edge = newEdge();
    await webAgent(edge, { Opts: { Domain: "a.edge.test" } });
    using relay = byteRelay(edge.https, oneByOne);
    expect(await overTls(relay.port, "a.edge.test", get("a.edge.test"))).toEndWith("\r\n\r\nGET /x HTTP/1.1");
  });

  test("hands the hello of a tls endpoint to its agent untouched", async () => {
    const edge = newEdge();
    const { agent, bind } = await edge.agent();
    await bind({ Proto: "tls", Opts: { Domain: "*.example.com" } });
    const hello = helloOf("curl");
    await dial(edge.https, hello);
    await eventually("the agent has it", () => agent.proxies.length === 1);
    const [proxied] = agent.proxies;
    expect(proxied?.header).toMatchObject({ passesTlsThrough: true, protocol: "tls" });
    await eventually("it is whole", () => {
      const arrived = Buffer.concat([
        Buffer.from(proxied?.payload ?? "", "latin1"),
        proxied?.heard.heard ?? Buffer.alloc(0),
      ]);
      return arrived.equals(Buffer.from(hello));
    });
    expect(edge.issued).toEqual([]);
  });

  test("ends the TLS of a tls endpoint that asks for it, and hands on what is inside", async () => {
    const edge = newEdge();
    await webAgent(edge, { Proto: "tls", Opts: { Domain: "t.edge.test", TLSTermination: { cert: "", key: "" } } });
    // The agent writes as soon as the visitor is there; it has nothing of the visitor yet.
    expect(await overTls(edge.https, "t.edge.test", "ping", "\r\n\r\n")).toStartWith("HTTP/1.1 200 OK");
  });

  test("lets no visitor in whose endpoint went offline during its handshake", async () => {
    const edge = newEdge();
    const { agent, bind } = await edge.agent();
    const termination = { cert: "", key: "" };
    const { bindId } = await bind({ Proto: "tls", Opts: { Domain: "t.edge.test", TLSTermination: termination } });
    const helloSent = Promise.withResolvers<void>();
    const offline = Promise.withResolvers<void>();
    let pieces = 0;
    using relay = byteRelay(edge.https, (piece, far) => {
      pieces += 1;
      if (pieces === 1) {
        far.write(piece);
        helloSent.resolve();
      } else void offline.promise.then(() => far.write(piece));
    });
    const [visited] = [
      overTls(relay.port, "t.edge.test", "ping").then(
        () => "ended",
        () => "reset",
      ),
    ];
    await helloSent.promise;
    await eventually("the certificate is on its way", () => pieces > 1);
    await agent.session.call(UNBIND, { bindId });
    offline.resolve();
    await visited;
    expect(agent.proxies).toEqual([]);
  });

  test("refuses a request for another name than that of the handshake", async () => {
    const edge = newEdge();
    await webAgent(edge, { Opts: { Domain: "a.edge.test" } });
    expect(await overTls(edge.https, "other.edge.test", get("a.edge.test"))).toStartWith("HTTP/1.1 421 ");
    expect(await overTls(edge.https, "other.edge.test", get("other.edge.test"))).toStartWith("HTTP/1.1 404 ");
    expect(await overTls(edge.https, "a.edge.test", get("a.edge.test"))).toStartWith("HTTP/1.1 200 ");
  });

  test.each([
    ["https port", "https"],
    ["agent port", "agents"],
  ] as const)("knows an agent by its first byte on the %s", async (_, port) => {
    const edge = newEdge();
    const plain = await dialTcp({ host: LOOPBACK, port: edge[port] }, { timeoutMs: 5_000 });
    const context = clientTlsContext([EDGE_CA_PEM]);
    const { connection } = await connectTls(plain, { context, serverName: "connect.edge.test", verify: true });
    const agent = new PlayedAgent(connection);
    expect((await agent.session.call(AUTH, AUTH_REQUEST)).sessionId).toMatch(/^[0-9a-f]{32}$/);
    agent.session.close("");
  });

  test("takes no agent where agents come another way", async () => {
    const edge = newEdge({ takesAgentsOnHttps: false });
    const plain = await dialTcp({ host: LOOPBACK, port: edge.https }, { timeoutMs: 5_000 });
    const context = clientTlsContext([EDGE_CA_PEM]);
    const { connection } = await connectTls(plain, { context, serverName: "connect.edge.test", verify: true });
    const agent = new PlayedAgent(connection);
    const refusal = await agent.session.call(AUTH, AUTH_REQUEST).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SessionError);
  });

  test("serves no visitor on the agent port", async () => {
    const edge = newEdge();
    await webAgent(edge, { Opts: { Domain: "a.edge.test" } });
    await webAgent(edge, { Proto: "tls", Opts: { Domain: "t.edge.test" } });
    for (const name of ["a.edge.test", "t.edge.test"]) expect(await overTls(edge.agents, name, get(name))).toBe("");
  });

  test("issues one certificate for all names below a wildcard, and none for names that nobody serves", async () => {
    const edge = newEdge();
    await webAgent(edge, { Opts: { Domain: "*.apps.test" } });
    for (const name of ["x.apps.test", "y.apps.test"]) {
      expect(await overTls(edge.https, name, get(name))).toStartWith("HTTP/1.1 200 ");
    }
    await dial(edge.https, helloOf("curl"));
    expect(edge.issued).toEqual([["*.apps.test"]]);
  });
});
