import { afterEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from "node:http2";
import type { Endpoint } from "../../../src/edge/endpoint.ts";
import { roomForPolicyBodies } from "../../../src/edge/visitors/policy-bodies.ts";
import { OpenVisitors } from "../../../src/edge/open-visitors.ts";
import { Http2Visitor, MAX_CONCURRENT_STREAMS } from "../../../src/edge/visitors/http2-visitor.ts";
import type { Duplex } from "../../../src/net/duplex.ts";
import { IdleWatch } from "../../../src/net/idle-watch.ts";
import { nodeStream } from "../../../src/net/node-stream.ts";
import { LINGER_MS } from "../../../src/net/linger.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { CONTROL_FRAME_BURST } from "../../../src/protocol/http2/flood-guard.ts";
import { framesIn, headerBlock, http2Frame, PREFACE } from "../../support/http2-frames.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import { endpointOf, ScriptedAgent } from "../../support/scripted-agent.ts";
import { eventually, quiet } from "../../support/turns.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const IDLE_MS = 300_000;
const HEAD_MS = 30_000;

interface Scene {
  readonly agent: ScriptedAgent;
  readonly clock: ManualClock;
  readonly visitors: OpenVisitors;
  /** The visitor's end of the connection. */
  readonly visitor: Duplex;
  /** Status and address of each head that was refused, as the observer hears it. */
  readonly refusals: readonly string[];
}

const opened: Duplex[] = [];
afterEach(() => {
  for (const end of opened.splice(0)) end.reset();
});

function scene(endpoints: (agent: ScriptedAgent) => readonly Endpoint[] = () => [], serverName?: string): Scene {
  const agent = new ScriptedAgent();
  const clock = new ManualClock();
  const all = [endpointOf(agent, "app.test"), ...endpoints(agent)];
  const [edgeEnd, visitor] = pipe({ remoteAddresses: ["192.0.2.7:5000", "<edge>"] });
  opened.push(visitor);
  const visitors = new OpenVisitors();
  const refusals: string[] = [];
  const nothing = (): void => {};
  const services = {
    findEndpoint: (_: string, host: string) => all.find((endpoint) => endpoint.host === host),
    visitors,
    clock,
    idleWatch: new IdleWatch(clock),
    idleMs: IDLE_MS,
    headMs: HEAD_MS,
    policyBodies: roomForPolicyBodies(),
    observer: {
      received: nothing,
      sent: nothing,
      onJoined: nothing,
      onParted: nothing,
      onRequest: nothing,
      onExchangeDone: nothing,
      onMalformedHead: (status: number, address: string) => void refusals.push(`${status} ${address}`),
    },
  };
  new Http2Visitor(edgeEnd, services, { scheme: "https", serverName }).start(new Uint8Array(0));
  return { agent, clock, visitors, visitor, refusals };
}

function client({ visitor }: Scene): ClientHttp2Session {
  const stream = nodeStream(visitor);
  const session = connect("https://app.test", { createConnection: () => stream });
  for (const each of [stream, session]) each.on("error", () => {});
  return session;
}

interface Answer {
  readonly status: number | undefined;
  readonly head: readonly string[];
  readonly body: string;
  readonly trailers: object | undefined;
  readonly code: number | undefined;
}

/** What becomes of a stream. */
function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  const chunks: Buffer[] = [];
  let head: readonly string[] = [];
  let trailers: object | undefined;
  stream.on("response", (_headers, _flags, raw?: readonly string[]) => (head = raw ?? []));
  stream.on("trailers", (fields: object) => (trailers = { ...fields }));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("error", () => {});
  return new Promise((resolve) => {
    stream.on("close", () => {
      const status = head[0] === ":status" ? Number(head[1]) : undefined;
      resolve({ status, head, body: Buffer.concat(chunks).toString("latin1"), trailers, code: stream.rstCode });
    });
  });
}

function get(session: ClientHttp2Session, more: OutgoingHttpHeaders = {}): Promise<Answer> {
  return answerOf(session.request({ ":authority": "app.test", ":path": "/x", ...more }, { endStream: true }));
}

describe("Http2Visitor", () => {
  test("brings a request to the agent as HTTP/1.1 and the response back", async () => {
    const s = scene();
    const answer = get(client(s), { "x-a": "1" });
    const { end, heard } = await s.agent.stream(0, "\r\n\r\n");
    expect(heard.text).toBe(
      "GET /x HTTP/1.1\r\nhost: app.test\r\nx-a: 1\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n" +
        "X-Forwarded-Host: app.test\r\n\r\n",
    );
    end.write(bytes("HTTP/1.1 200 Fine\r\nX-B: 1\r\nConnection: keep-alive\r\nx-b: 2\r\nContent-Length: 2\r\n\r\nok"));
    expect(await answer).toMatchObject({ head: [":status", "200", "x-b", "1, 2", "content-length", "2"], body: "ok" });
  });

  test("uses the stream to the agent for one request after the other, and further ones at the same time", async () => {
    const s = scene();
    const session = client(s);
    const first = get(session);
    const one = await s.agent.stream(0, "\r\n\r\n");
    one.end.write(bytes(OK));
    await first;
    const [second, third] = [get(session, { ":path": "/2" }), get(session, { ":path": "/3" })];
    await s.agent.stream(0, "/2 HTTP");
    const other = await s.agent.stream(1, "/3 HTTP");
    other.end.write(bytes(OK.replace("ok", "33")));
    one.end.write(bytes(OK.replace("ok", "22")));
    expect([(await second).body, (await third).body, s.agent.streams.length]).toEqual(["22", "33", 2]);
  });

  test("carries bodies and trailers both ways", async () => {
    const s = scene();
    const stream = client(s).request(
      { ":method": "POST", ":authority": "app.test", te: "trailers" },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "7" }));
    const answer = answerOf(stream);
    stream.end("hello");
    const { end, heard } = await s.agent.stream(0, "x-sum: 7\r\n\r\n");
    expect(heard.text).toEndWith("\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 7\r\n\r\n");
    end.write(bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nGrpc-Status: 0\r\n\r\n"));
    expect(await answer).toMatchObject({ status: 200, body: "ok", trailers: { "grpc-status": "0" } });
  });

  test("hands on what comes early", async () => {
    const s = scene();
    const stream = client(s).request({ ":authority": "app.test" }, { endStream: true });
    const early: unknown[] = [];
    stream.on("headers", (fields: { readonly link?: string }) => early.push(fields.link));
    const answer = answerOf(stream);
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`));
    expect([(await answer).status, early]).toEqual([200, ["</a>"]]);
  });

  test.each([
    ["an unknown host", { ":authority": "other.test" }, undefined, 404, "ERR_NGROK_3200"],
    ["a host that Host contradicts", { host: "other.test" }, undefined, 400, "ERR_GINNEL_BAD_REQUEST"],
    ["a scheme that the connection has not", { ":scheme": "http" }, undefined, 400, "ERR_GINNEL_BAD_REQUEST"],
    ["a host of another account than the handshake's", {}, "eve.test", 421, "ERR_GINNEL_MISDIRECTED"],
  ])("answers %s itself, and the connection goes on", async (_, fields, serverName, status, code) => {
    const s = scene((agent) => [endpointOf(agent, "eve.test", {}, "ac_2")], serverName);
    const session = client(s);
    const answer = await get(session, fields);
    expect([answer.status, answer.head.includes(code)]).toEqual([status, true]);
    const next = get(session, { ":authority": serverName ?? "app.test" });
    (await s.agent.stream(0, "\r\n\r\n")).end.write(bytes(OK));
    expect((await next).status).toBe(200);
  });

  test("resets the stream when a response is cut, and no other", async () => {
    const s = scene();
    const session = client(s);
    const [cut, whole] = [get(session), get(session)];
    const one = await s.agent.stream(0, "\r\n\r\n");
    const two = await s.agent.stream(1, "\r\n\r\n");
    one.end.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart"));
    await one.heard.until(() => true);
    one.end.end();
    two.end.write(bytes(OK));
    expect([(await cut).code, (await whole).code, (await whole).body]).toEqual([2, 0, "ok"]);
  });

  test("resets the agent's stream when the visitor gives a request up", async () => {
    const s = scene();
    const stream = client(s).request({ ":method": "POST", ":authority": "app.test" });
    stream.on("error", () => {});
    stream.write("part");
    const { heard } = await s.agent.stream(0, "part");
    stream.close(8);
    await heard.until(() => heard.isClosed);
    expect(heard.cause?.code).toBe("RESET");
  });

  test("lets no byte beyond the length of a body become a request", async () => {
    const s = scene();
    const fields = [
      [":method", "POST"],
      [":scheme", "https"],
      [":path", "/"],
      [":authority", "app.test"],
      ["content-length", "3"],
    ] as const;
    const heard = hostile(s, http2Frame("headers", 4, 1, headerBlock(fields)));
    const { heard: atAgent } = await s.agent.stream(0, "content-length: 3");
    s.visitor.write(http2Frame("data", 1, 1, bytes("abcGET /stolen HTTP/1.1\r\nHost: app.test\r\n\r\n")));
    await heard.until(() => framesIn(heard.heard).some(({ type }) => type === "reset"));
    await atAgent.until(() => atAgent.isClosed);
    expect([atAgent.text.includes("stolen"), s.agent.streams.length]).toEqual([false, 1]);
  });

  test("holds back a visitor whose body the agent does not take", async () => {
    const s = scene();
    const stream = client(s).request({ ":method": "POST", ":authority": "app.test" });
    stream.on("error", () => {});
    const { end, heard } = await s.agent.stream(0, "\r\n\r\n");
    end.pause();
    const piece = Buffer.alloc(256 * 1024);
    let accepted = 0;
    const write = (): void => void stream.write(piece, () => ((accepted += 1), accepted < 100 && write()));
    write();
    const before = heard.bytesHeard;
    await eventually("the visitor is stuck", () => stream.writableLength > 0 && accepted > 0);
    expect([accepted < 100, heard.bytesHeard]).toEqual([true, before]);
    end.resume();
    await eventually("all is taken", () => accepted === 100 && heard.bytesHeard > 100 * piece.length);
  });

  test("lets a WebSocket begin, and its bytes pass both ways", async () => {
    const s = scene();
    const session = client(s);
    await once(session, "remoteSettings");
    const stream = session.request({
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":authority": "app.test",
      ":path": "/ws",
    });
    stream.on("error", () => {});
    const heads = once(stream, "response");
    const { end, heard } = await s.agent.stream(0, "sec-websocket-key: ");
    expect(heard.text).toStartWith(
      "GET /ws HTTP/1.1\r\nhost: app.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n",
    );
    end.write(
      bytes("HTTP/1.1 101 Fine\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\nhello"),
    );
    const [fields] = (await heads) as [object]; // what the library promises
    expect(Object.entries(fields)).toEqual([[":status", 200]]);
    const [data] = (await once(stream, "data")) as [Buffer]; // what the library promises
    stream.write("world");
    await heard.until(() => heard.text.endsWith("world"));
    expect(data.toString()).toBe("hello");
  });
});

describe("Http2Visitor ends a connection", () => {
  test("on which nothing is asked for any more, in order", async () => {
    const s = scene();
    const session = client(s);
    const answer = get(session);
    (await s.agent.stream(0, "\r\n\r\n")).end.write(bytes(OK));
    await answer;
    const goaway = once(session, "goaway");
    s.clock.advance(IDLE_MS + 2_000);
    expect((await goaway)[0]).toBe(0);
    await eventually("it is no visitor any more", () => s.visitors.count === 0);
  });

  test("after what is under way once the edge drains", async () => {
    const s = scene();
    const session = client(s);
    const answer = get(session);
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    const goaway = once(session, "goaway");
    const drained = s.visitors.drain();
    await goaway;
    end.write(bytes(OK));
    expect((await answer).body).toBe("ok");
    await drained;
    await eventually("it is no visitor any more", () => s.visitors.count === 0);
  });

  test("and the streams of its agents when the visitor is gone", async () => {
    const s = scene();
    const session = client(s);
    void get(session);
    const { heard } = await s.agent.stream(0, "\r\n\r\n");
    session.destroy();
    await heard.until(() => heard.isClosed);
    await eventually("it is no visitor any more", () => s.visitors.count === 0);
  });
});

/** A visitor that writes frames of its own. */
function hostile(s: Scene, ...frames: readonly Uint8Array[]): RecordingListener {
  const heard = new RecordingListener(s.visitor);
  for (const frame of [PREFACE, http2Frame("settings", 0, 0), ...frames]) s.visitor.write(frame);
  return heard;
}

const HEAD = headerBlock([
  [":method", "GET"],
  [":scheme", "https"],
  [":path", "/"],
  [":authority", "app.test"],
]);

describe("Http2Visitor cuts a visitor that", () => {
  const many = (count: number, make: (at: number) => Uint8Array): Uint8Array =>
    Buffer.concat(Array.from({ length: count }, (_, at) => make(at)));

  test.each<[string, Uint8Array]>([
    ["pings without end", many(CONTROL_FRAME_BURST + 1, () => http2Frame("ping", 0, 0, new Uint8Array(8)))],
    ["changes its settings without end", many(CONTROL_FRAME_BURST + 1, () => http2Frame("settings", 0, 0))],
    [
      "resets without end",
      many(5_000, (at) =>
        Buffer.concat([
          http2Frame("headers", 5, 2 * at + 1, HEAD),
          http2Frame("reset", 0, 2 * at + 1, Uint8Array.of(0, 0, 0, 8)),
        ]),
      ),
    ],
    [
      "sends a head without end",
      Buffer.concat([
        http2Frame("headers", 1, 1, HEAD),
        many(200, (at) => http2Frame("continuation", 0, 1, headerBlock([[`x-${at}`, "v".repeat(16_000)]]))),
      ]),
    ],
    ["speaks no HTTP/2", bytes("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")],
  ])("%s", async (_, flood) => {
    const s = scene();
    const heard = hostile(s, flood);
    await heard.until(() => heard.isClosed);
    await eventually("it is no visitor any more", () => s.visitors.count === 0);
  });

  test.each([
    ["says nothing behind the preface", []],
    ["does not end a head", [http2Frame("headers", 1, 1, HEAD)]],
  ])("%s", async (_, frames) => {
    const s = scene();
    const heard = new RecordingListener(s.visitor);
    s.visitor.write(PREFACE);
    for (const frame of frames) s.visitor.write(Buffer.concat([http2Frame("settings", 0, 0), frame]));
    await heard.until(() => heard.bytesHeard > 0);
    s.clock.advance(HEAD_MS + 2_000);
    await heard.until(() => heard.isClosed);
    expect(s.agent.streams.length).toBe(0);
  });
});

describe("Http2Visitor whose peer keeps its side open", () => {
  test.each<[string, (s: Scene) => void]>([
    ["is idle", (s) => s.clock.advance(IDLE_MS + 2_000)],
    ["belongs to an edge that drains", (s) => void s.visitors.drain()],
  ])("is counted until it is reset, when it %s", async (_, leave) => {
    const s = scene();
    const heard = hostile(s);
    await heard.until(() => heard.bytesHeard > 0);
    leave(s);
    await heard.until(() => heard.hasEnded);
    await quiet();
    expect([heard.isClosed, s.visitors.count]).toEqual([false, 1]);
    await s.visitors.drain();
    s.clock.advance(LINGER_MS);
    await heard.until(() => heard.isClosed);
    expect(heard.cause?.code).toBe("RESET");
    await eventually("it is no visitor any more", () => s.visitors.count === 0);
    expect(s.clock.pending).toBe(0);
  });

  test("is reset after a further idle time when it does not take an answer", async () => {
    const s = scene();
    const noWindow = http2Frame("settings", 0, 0, Uint8Array.of(0, 4, 0, 0, 0, 0));
    const malformed = Buffer.concat([HEAD, headerBlock([["host", "other.test"]])]);
    const heard = hostile(s, noWindow, http2Frame("headers", 5, 1, malformed));
    await heard.until(() => framesIn(heard.heard).some(({ type }) => type === "headers"));
    s.clock.advance(IDLE_MS + 2_000);
    await quiet();
    expect([heard.hasEnded, s.visitors.count]).toEqual([false, 1]);
    s.clock.advance(IDLE_MS + 2_000);
    await heard.until(() => heard.isClosed);
    await eventually("it is no visitor any more", () => s.visitors.count === 0);
    expect(s.clock.pending).toBe(0);
  });
});

test("Http2Visitor tells of a head that it refuses", async () => {
  const s = scene();
  const answer = await get(client(s), { host: "other.test" });
  expect([answer.status, s.refusals]).toEqual([400, ["400 192.0.2.7:5000"]]);
});

test("Http2Visitor refuses more requests at a time than it promised", async () => {
  const s = scene();
  const heads = Array.from({ length: MAX_CONCURRENT_STREAMS + 5 }, (_, at) =>
    http2Frame("headers", 5, 2 * at + 1, HEAD),
  );
  const heard = hostile(s, ...heads);
  const refused = (): number => framesIn(heard.heard).filter(({ type }) => type === "reset").length;
  await eventually("the surplus is refused", () => refused() === 5);
  await eventually("the others have come", () => s.agent.streams.length === MAX_CONCURRENT_STREAMS);
});
