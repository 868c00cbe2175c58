/** An edge that knows whose agents are on their way back, and what its visitors get meanwhile. */
import { afterEach, describe, expect, test } from "bun:test";
import { connect as connectHttp2, type OutgoingHttpHeaders } from "node:http2";
import { RETURN_MS } from "../../src/edge/edge.ts";
import type { ExpectedName } from "../../src/edge/returning/expected-names.ts";
import type { NameMemory } from "../../src/edge/returning/name-memory.ts";
import { MAX_WAITING_BYTES_OF_ADDRESS, WAITING_BYTES } from "../../src/edge/returning/waiting-visitors.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { internalPlace } from "../../src/edge/routing-table.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { UNBIND } from "../../src/protocol/rpc/agent-calls.ts";
import { clientHello } from "../support/client-hello.ts";
import { aCloudEndpoint } from "../support/cloud-endpoints.ts";
import { GatedDirectory } from "../support/binder-scene.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { type EdgeAgent, EDGE_CA_PEM, LOOPBACK, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually, quiet } from "../support/turns.ts";
import { visit } from "../support/visit.ts";

const HOST = "a.edge.test";
const HTTP: ExpectedName = { place: "http", host: HOST };
const HTTPS: ExpectedName = { place: "https", host: HOST };
const GET = `GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const SETTLE_MS = 20;
const TRUST = clientTlsContext([EDGE_CA_PEM]);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Remembers what it was asked to keep. */
class PlayedMemory implements NameMemory {
  readonly recent: readonly ExpectedName[];
  timesChanged = 0;
  readonly sealed: string[][] = [];
  #names: () => Iterable<ExpectedName> = () => [];

  constructor(recent: readonly ExpectedName[]) {
    this.recent = recent;
  }

  keep(names: () => Iterable<ExpectedName>): void {
    this.#names = names;
  }

  changed(): void {
    this.timesChanged += 1;
  }

  seal(): Promise<void> {
    this.sealed.push(this.names);
    return Promise.resolve();
  }

  get names(): string[] {
    return [...this.#names()].map(({ place, host }) => `${place} ${host}`);
  }
}

class Scene {
  readonly clock = new ManualClock();
  readonly memory: PlayedMemory;
  readonly edge: TestEdge;

  constructor(names: readonly ExpectedName[], directory = new GatedDirectory()) {
    this.memory = new PlayedMemory(names);
    this.edge = testEdge({ nameMemory: this.memory, directory }, this.clock);
    ends.push(this.edge.end);
  }

  /** The agent is back; those who wait for it go on. */
  async back(wire: object = { Proto: "http" }, host = HOST): Promise<EdgeAgent & { readonly bindId: string }> {
    const agent = await this.edge.agent();
    const { bindId } = await agent.bind({ Opts: { Domain: host }, ...wire });
    this.clock.advance(SETTLE_MS);
    return { ...agent, bindId };
  }

  /** A visitor of the http port, or of another end. */
  async visitor(connection?: Duplex): Promise<Visitor> {
    const own = connection ?? (await dialTcp({ host: LOOPBACK, port: this.edge.http }, { timeoutMs: 5_000 }));
    ends.push(() => own.reset());
    const heard = new RecordingListener(own);
    return { connection: own, heard, send: (text) => void own.write(Buffer.from(text, "latin1")) };
  }

  /** A visitor of the https port whose handshake is done when it resolves. */
  async tlsVisitor(serverName: string): Promise<Visitor> {
    const below = await dialTcp({ host: LOOPBACK, port: this.edge.https }, { timeoutMs: 5_000 });
    ends.push(() => below.reset());
    const options = { context: TRUST, serverName, verify: true };
    return this.visitor((await connectTls(below, options)).connection);
  }

  get visitorsOpen(): number {
    return [...this.edge.edge.figures.visitors.values()].reduce((sum, count) => sum + count, 0);
  }
}

interface Visitor {
  readonly connection: Duplex;
  readonly heard: RecordingListener;
  readonly send: (text: string) => void;
}

/** Answers the visitor of that number once what it sent ends so. */
async function answers({ agent }: EdgeAgent, index = 0, sent = "\r\n\r\n"): Promise<string> {
  await eventually("the agent has the stream", () => agent.proxies.length > index);
  const proxied = agent.proxies[index];
  if (proxied === undefined) throw new Error("no stream");
  const { payload, heard, stream } = proxied;
  await heard.until(() => `${payload}${heard.text}`.endsWith(sent));
  stream.write(Buffer.from(OK));
  return `${payload}${heard.text}`;
}

describe("an edge with names that are on their way back", () => {
  test("has a visitor of http wait, and gives the request to the agent when it is back", async () => {
    const s = new Scene([HTTP]);
    const visitor = await s.visitor();
    visitor.send(GET);
    await quiet();
    expect([visitor.heard.text, s.visitorsOpen]).toEqual(["", 1]);
    await answers(await s.back());
    await visitor.heard.until(() => visitor.heard.text === OK);
  });

  test("keeps a body back until then, and pipelined requests in order", async () => {
    const s = new Scene([HTTP]);
    const visitor = await s.visitor();
    visitor.send(`POST /1 HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 10\r\n\r\nfirst`);
    await quiet();
    visitor.send(" half" + GET);
    await quiet();
    const agent = await s.back();
    expect(await answers(agent, 0, "first half")).toStartWith("POST /1 ");
    await visitor.heard.until(() => visitor.heard.text === OK);
    const { heard, stream } = agent.agent.proxies[0] ?? {};
    await heard?.until(() => heard.text.includes("GET / "));
    stream?.write(Buffer.from(OK));
    await visitor.heard.until(() => visitor.heard.text === OK + OK);
  });

  test("takes a body that is longer than there is room for on the way", async () => {
    const s = new Scene([HTTP]);
    const total = 4 * 1024 * 1024;
    const visitor = await s.visitor();
    visitor.send(`POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: ${total}\r\n\r\n`);
    visitor.connection.write(new Uint8Array(total));
    await quiet();
    const { agent } = await s.back();
    await eventually("the agent has the stream", () => agent.proxies.length > 0);
    const { heard, payload = "", stream } = agent.proxies[0] ?? {};
    await heard?.until(() => payload.length + heard.bytesHeard > total);
    stream?.write(Buffer.from(OK));
    await visitor.heard.until(() => visitor.heard.text === OK);
  });

  test("has a visitor of https wait before the handshake", async () => {
    const s = new Scene([HTTPS]);
    const coming = s.tlsVisitor(HOST);
    await quiet();
    const agent = await s.back({ Proto: "https" });
    const visitor = await coming;
    visitor.send(GET);
    await answers(agent);
    await visitor.heard.until(() => visitor.heard.text === OK);
  });

  test("has a request below a wildcard of https wait behind the handshake, where its agent may come too", async () => {
    const s = new Scene([{ place: "https", host: "*.edge.test" }]);
    const visitor = await s.tlsVisitor(HOST);
    visitor.send(GET);
    await quiet();
    expect(visitor.heard.text).toBe("");
    await answers(await s.back({ Proto: "https" }, "*.edge.test"));
    await visitor.heard.until(() => visitor.heard.text === OK);
  });

  test("has a visitor of tls wait whose bytes nobody here reads", async () => {
    const s = new Scene([{ place: "tls", host: HOST }]);
    const visitor = await s.visitor(await dialTcp({ host: LOOPBACK, port: s.edge.https }, { timeoutMs: 5_000 }));
    const hello = Buffer.from(await clientHello(HOST)).toString("latin1");
    visitor.send(hello);
    await quiet();
    const { agent } = await s.back({ Proto: "tls" });
    await eventually("the agent has the stream", () => agent.proxies.length > 0);
    const { heard, payload = "" } = agent.proxies[0] ?? {};
    await heard?.until(() => `${payload}${heard.text}` === hello);
  });

  test("has requests of HTTP/2 wait, each for its own name", async () => {
    const s = new Scene([HTTPS, { place: "https", host: "b.edge.test" }]);
    const known = await s.back({ Proto: "https" }, "c.edge.test");
    const session = connectHttp2(`https://c.edge.test:${s.edge.https}`, {
      ca: EDGE_CA_PEM,
      host: LOOPBACK,
      servername: "c.edge.test",
    });
    ends.push(() => session.destroy());
    const statuses: number[] = [];
    const ask = (authority: string): void => {
      const stream = session.request({ ":path": "/", ":authority": authority });
      stream.on("response", ({ ":status": status }) => statuses.push(Number(status)));
      stream.resume();
    };
    ask("c.edge.test");
    await answers(known);
    await eventually("it is answered", () => statuses.length === 1);
    ask(HOST);
    ask("b.edge.test");
    await quiet();
    await known.bind({ Proto: "https", Opts: { Domain: HOST } });
    s.clock.advance(SETTLE_MS);
    await answers(known, 1);
    await eventually("it is answered", () => statuses.length === 2);
    s.clock.advance(RETURN_MS);
    await eventually("the other one too", () => statuses.length === 3);
    expect(statuses).toEqual([200, 200, 404]);
  });

  test("answers 404 when the time is over, and the connection goes on", async () => {
    const s = new Scene([HTTP]);
    const visitor = await s.visitor();
    visitor.send(GET);
    await quiet();
    s.clock.advance(RETURN_MS);
    await visitor.heard.until(() => visitor.heard.text.endsWith("ERR_NGROK_3200\n"));
    visitor.send(GET);
    await visitor.heard.until(() => visitor.heard.text.split("HTTP/1.1 404 ").length === 3);
  });

  test("answers 404 at once for a name that came back and was stopped", async () => {
    const s = new Scene([HTTP]);
    const { agent, bindId } = await s.back();
    await agent.session.call(UNBIND, { bindId });
    expect((await visit(HOST, { port: s.edge.http })).status).toBe(404);
  });

  test.each([
    ["is not among them", "other.edge.test", HTTP],
    ["is the edge's own", "edge.test", { place: "http", host: "*.test" }],
    ["is below the edge's own", "api.edge.test", { place: "http", host: "*.edge.test" }],
  ] as const)("has nobody wait for a name that %s", async (_, host, name) => {
    const s = new Scene([name]);
    expect((await visit(host, { port: s.edge.http })).status).toBe(404);
  });

  test("gives nobody to the wildcard that is back before the name", async () => {
    const s = new Scene([HTTP, { place: "http", host: "*.edge.test" }]);
    const wildcard = await s.back({ Proto: "http" }, "*.edge.test");
    const [visitor, other] = [await s.visitor(), await s.visitor()];
    visitor.send(GET);
    other.send(GET.replace(HOST, "b.edge.test"));
    expect(await answers(wildcard)).toContain("b.edge.test");
    await answers(await s.back());
    await visitor.heard.until(() => visitor.heard.text === OK);
    expect(wildcard.agent.proxies).toHaveLength(1);
  });

  test("forgets visitors that leave meanwhile", async () => {
    const s = new Scene([HTTP, HTTPS]);
    const visitor = await s.visitor();
    visitor.send(GET);
    const shaking = await s.visitor(await dialTcp({ host: LOOPBACK, port: s.edge.https }, { timeoutMs: 5_000 }));
    shaking.connection.write(await clientHello(HOST));
    await eventually("it waits", () => s.visitorsOpen === 1);
    visitor.connection.reset();
    shaking.connection.reset();
    await eventually("it is gone", () => s.visitorsOpen === 0);
    const { agent } = await s.back();
    await quiet();
    expect([agent.proxies, s.edge.log.filter(({ level }) => level === "error")]).toEqual([[], []]);
  });

  test("forgets a visitor of tls at once that leaves in order, and what came behind its hello is not lost to others", async () => {
    const s = new Scene([{ place: "tls", host: HOST }]);
    const dial = async (): Promise<Visitor> =>
      s.visitor(await dialTcp({ host: LOOPBACK, port: s.edge.https }, { timeoutMs: 5_000 }));
    const [leaving, staying] = [await dial(), await dial()];
    const hello = Buffer.from(await clientHello(HOST)).toString("latin1");
    for (const visitor of [leaving, staying]) visitor.send(hello);
    await quiet();
    leaving.connection.end();
    await leaving.heard.until(() => leaving.heard.isClosed);
    staying.send("behind");
    await quiet();
    staying.send(" it");
    const { agent } = await s.back({ Proto: "tls" });
    await eventually("the agent has the stream", () => agent.proxies.length > 0);
    const { heard, payload = "" } = agent.proxies[0] ?? {};
    await heard?.until(() => `${payload}${heard.text}` === `${hello}behind it`);
    expect(agent.proxies).toHaveLength(1);
  });

  test("tells visitors to come again when too many wait", async () => {
    const s = new Scene([HTTP]);
    // Four of the longest heads are a quarter of the room of an address.
    const head = `GET / HTTP/1.1\r\nHost: ${HOST}\r\nX: ${"x".repeat(900_000)}\r\n\r\n`;
    const fit = Math.floor(MAX_WAITING_BYTES_OF_ADDRESS / (head.length + WAITING_BYTES));
    for (let waiting = 0; waiting < fit; waiting += 1) {
      const visitor = await s.visitor();
      visitor.send(head);
      await eventually("it waits", () => s.visitorsOpen > waiting);
    }
    const beyond = await s.visitor();
    beyond.send(head);
    await beyond.heard.until(() => beyond.heard.text.endsWith("ERR_GINNEL_RETURNING\n"));
    expect(beyond.heard.text).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 1\r\n/);
  });

  test("counts what came with a head among what waits, and takes no more of it meanwhile", async () => {
    const s = new Scene([HTTP]);
    const head = `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 100000\r\n\r\n`;
    const fit = Math.floor(MAX_WAITING_BYTES_OF_ADDRESS / (head.length + WAITING_BYTES));
    const refused: Visitor[] = [];
    const visitors: Visitor[] = [];
    while (refused.length === 0 && visitors.length < fit / 4) {
      const visitor = await s.visitor();
      visitors.push(visitor);
      visitor.send(head + "x".repeat(100_000));
      await eventually("it waits or is refused", () => s.visitorsOpen === visitors.length || visitor.heard.text !== "");
      await quiet();
      if (visitor.heard.text.includes("ERR_GINNEL_RETURNING")) refused.push(visitor);
    }
    expect(refused).toHaveLength(1);
  });

  test.each([
    ["counts what of a body of HTTP/2 may come", undefined, 42],
    ["counts no more of it than there is", "1000", 60],
  ])("%s", async (_, length, waits) => {
    const s = new Scene([{ place: "https", host: "*.edge.test" }]);
    const session = connectHttp2(`https://${HOST}:${s.edge.https}`, {
      ca: EDGE_CA_PEM,
      host: LOOPBACK,
      servername: HOST,
    });
    ends.push(() => session.destroy());
    const statuses: (number | undefined)[] = [];
    const ask = (headers: OutgoingHttpHeaders): void => {
      const stream = session.request({ ":path": "/", ...headers }, { endStream: false });
      stream.on("response", ({ ":status": status }) => statuses.push(status));
      stream.on("error", () => {});
      stream.resume();
    };
    const sized = length === undefined ? {} : { "content-length": length };
    for (let asked = 0; asked < 60; asked += 1) ask({ ":method": "POST", ...sized });
    // Nobody waits for the edge's own name: its answer comes behind those of all who were refused.
    ask({ ":method": "POST", ":authority": "edge.test" });
    await eventually("that one is answered", () => statuses.includes(404));
    expect(statuses).toEqual([...Array<number>(60 - waits).fill(503), 404]);
  });

  test("tells those who wait to come again when it stops, and has nobody wait behind that", async () => {
    const s = new Scene([HTTP]);
    const visitor = await s.visitor();
    visitor.send(GET);
    await eventually("it waits", () => s.visitorsOpen === 1);
    const stopped = s.edge.edge.stop(new AbortController().signal);
    await visitor.heard.until(() => visitor.heard.hasEnded);
    expect(visitor.heard.text).toMatch(/^HTTP\/1\.1 503 [\s\S]*Retry-After: 1\r\n[\s\S]*ERR_GINNEL_RETURNING\n$/);
    visitor.connection.end();
    await stopped;
  });
});

describe("an edge with internal endpoints that are on their way back", () => {
  const API: ExpectedName = { place: internalPlace("ac_1", { scheme: "https", port: 443 }), host: "api.internal" };
  const bound = { Proto: "https", Opts: { URL: "https://api.internal" } };

  /** A cloud endpoint at http://a.edge.test that forwards there. */
  function forwarding(onError: "halt" | "continue", ...instead: readonly object[]): Scene {
    const forward = { type: "forward-internal", config: { url: "https://api.internal", on_error: onError } };
    const actions = [forward, ...instead];
    const directory = new GatedDirectory();
    const trafficPolicy = JSON.stringify({ on_http_request: [{ actions }] });
    directory.cloud.push(aCloudEndpoint("ac_1", { url: `http://${HOST}`, trafficPolicy }));
    return new Scene([API], directory);
  }

  test("has a request wait that a policy forwards there", async () => {
    const s = forwarding("halt");
    const visitor = await s.visitor();
    visitor.send(`POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 4\r\n\r\nbo`);
    await quiet();
    visitor.send("dy");
    await quiet();
    expect(visitor.heard.text).toBe("");
    const agent = await s.back(bound);
    await answers(agent, 0, "body");
    await visitor.heard.until(() => visitor.heard.text === OK);
  });

  test("answers as before when the time is over", async () => {
    const s = forwarding("halt");
    const visitor = await s.visitor();
    visitor.send(GET);
    await quiet();
    s.clock.advance(RETURN_MS);
    await visitor.heard.until(() => visitor.heard.text.endsWith("ERR_GINNEL_FORWARD\n"));
    visitor.send(GET);
    await visitor.heard.until(() => visitor.heard.text.split("HTTP/1.1 502 ").length === 3);
  });

  test("has nobody wait whose policy says what to do instead", async () => {
    const s = forwarding("continue", { type: "custom-response", config: { content: "instead" } });
    expect((await visit(HOST, { port: s.edge.http })).body.toString()).toBe("instead");
  });
});

describe("Edge with a NameMemory", () => {
  test("keeps the names that are online or on their way back, and nothing that comes back by itself or cannot", async () => {
    const directory = new GatedDirectory();
    directory.cloud.push(aCloudEndpoint("ac_1", { url: "https://cloud.edge.test" }));
    const s = new Scene([HTTP, HTTPS], directory);
    expect(s.memory.names).toEqual([`http ${HOST}`, `https ${HOST}`]);
    const before = s.memory.timesChanged;
    const { bind, agent, bindId } = await s.back();
    await bind({ Proto: "https", Opts: { Domain: "b.edge.test" } });
    await bind({ Proto: "https", Opts: { URL: "https://api.internal" } });
    const internal = "internal:ac_1:https:443 api.internal";
    expect(s.memory.names.sort()).toEqual([`http ${HOST}`, `https ${HOST}`, "https b.edge.test", internal]);
    expect(s.memory.timesChanged).toBeGreaterThan(before);
    await agent.session.call(UNBIND, { bindId });
    s.clock.advance(RETURN_MS);
    expect(s.memory.names).toEqual(["https b.edge.test", internal]);
  });

  test("has it sealed before agents are sent away", async () => {
    const s = new Scene([]);
    await s.back();
    await s.edge.end();
    expect(s.memory.sealed[0]).toEqual([`http ${HOST}`]);
    expect(s.memory.names).toEqual([]);
  });
});
