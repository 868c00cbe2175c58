/** Visitors of an endpoint with `websocket_tcp_converter`. */
import { describe, expect, test } from "bun:test";
import { roomForPolicyBodies } from "../../../src/edge/visitors/policy-bodies.ts";
import { OpenVisitors } from "../../../src/edge/open-visitors.ts";
import type { Exchange } from "../../../src/edge/visitors/exchange.ts";
import { HttpVisitor } from "../../../src/edge/visitors/http-visitor.ts";
import type { HttpObserver } from "../../../src/edge/visitors/visitor-observer.ts";
import { CLOSING_MS } from "../../../src/edge/visitors/websocket-duplex.ts";
import { IdleWatch } from "../../../src/net/idle-watch.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { BasicAuth } from "../../../src/policy/basic-auth.ts";
import { RESET_CODES } from "../../../src/protocol/mux/reset-codes.ts";
import { octets } from "../../support/http-transcript.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RawEnd } from "../../support/raw-end.ts";
import { endpointOf, ScriptedAgent } from "../../support/scripted-agent.ts";
import { eventually, quiet } from "../../support/turns.ts";
import { type FrameParts, frame } from "../../support/websocket-frame.ts";

const HANDSHAKE =
  "GET / HTTP/1.1\r\nHost: ws.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const IDLE_MS = 300_000;
const CLOSE = { opcode: 8, text: "\x03\xe8" };

interface Scene {
  readonly agent: ScriptedAgent;
  readonly clock: ManualClock;
  readonly visitors: OpenVisitors;
  readonly visitor: RawEnd;
  readonly exchanges: Exchange[];
  readonly send: (...parts: readonly FrameParts[]) => void;
  /** What came behind the head of the handshake. */
  readonly frames: () => Buffer;
}

function scene(sent = `${HANDSHAKE}\r\n`, options: { readonly basicAuth?: BasicAuth } = {}): Scene {
  const agent = new ScriptedAgent();
  const clock = new ManualClock();
  const endpoint = endpointOf(agent, "ws.test", { convertsWebSockets: true, ...options });
  const [edgeEnd, end] = pipe({ remoteAddresses: ["192.0.2.7:5000", "<edge>"] });
  const visitors = new OpenVisitors();
  const exchanges: Exchange[] = [];
  const ignore = (): void => {};
  const observer: HttpObserver = {
    received: ignore,
    sent: ignore,
    onJoined: ignore,
    onParted: ignore,
    onRequest: ignore,
    onMalformedHead: ignore,
    onExchangeDone: (exchange) => exchanges.push(exchange),
  };
  const times = { clock, idleWatch: new IdleWatch(clock), idleMs: IDLE_MS, headMs: 30_000 };
  const services = { ...times, policyBodies: roomForPolicyBodies(), visitors, observer, findEndpoint: () => endpoint };
  new HttpVisitor(edgeEnd, services, { scheme: "http" }).start(octets(sent));
  const visitor = new RawEnd(end);
  const send = (...parts: readonly FrameParts[]): void =>
    void end.write(Buffer.concat(parts.map((part) => frame({ opcode: 2, mask: 0x01_02_03_04, ...part }))));
  const frames = (): Buffer => visitor.heard.heard.subarray(visitor.heard.text.indexOf("\r\n\r\n") + 4);
  return { agent, clock, visitors, visitor, exchanges, send, frames };
}

const hexOf = (parts: readonly FrameParts[]): string =>
  Buffer.concat(parts.map((part) => frame({ opcode: 2, ...part }))).toString("hex");

async function gets(s: Scene, ...parts: readonly FrameParts[]): Promise<void> {
  const expected = hexOf(parts);
  await s.visitor.heard.until(() => s.frames().length * 2 >= expected.length);
  expect(s.frames().toString("hex")).toBe(expected);
}

describe("HttpVisitor ends a WebSocket at the edge", () => {
  test("so that the agent gets the bytes alone, and the visitor messages of them", async () => {
    const s = scene();
    await s.visitor.gets("HTTP/1.1 101 Switching Protocols\r\n");
    s.send({ text: "he", isFinal: false }, { opcode: 9, text: "p" }, { opcode: 0, text: "llo" });
    const { end, heard } = await s.agent.stream(0, "hello");
    end.write(octets("SSH-2.0\n"));
    await gets(s, { opcode: 10, text: "p" }, { text: "SSH-2.0\n" });
    expect(heard.text).toBe("hello");
  });

  test("also of frames that came with the handshake", async () => {
    const early = frame({ opcode: 2, text: "early", mask: 5 });
    const s = scene(`${HANDSHAKE}\r\n${Buffer.from(early).toString("latin1")}`);
    expect((await s.agent.stream(0, "early")).heard.text).toBe("early");
  });

  test.each([
    ["no WebSocket", "GET / HTTP/1.1\r\nHost: ws.test\r\n\r\n", ""],
    ["another version", `${HANDSHAKE.replace(": 13", ": 8")}\r\n`, "Sec-WebSocket-Version: 13\r\n"],
    ["a body", `${HANDSHAKE}Content-Length: 1\r\n\r\nx`, ""],
  ])("and refuses %s", async (_, sent, field) => {
    const s = scene(sent);
    const heard = await s.visitor.gets("ERR_NGROK_3206\n");
    expect(heard).toStartWith("HTTP/1.1 400 Bad Request\r\n");
    expect(heard).toContain(field);
    expect(s.agent.streams).toEqual([]);
  });

  test("behind its password, and says when the agent cannot take it", async () => {
    const options = { basicAuth: new BasicAuth(["ann:long-enough"]) };
    const stranger = scene(undefined, options);
    await stranger.visitor.gets("HTTP/1.1 401 ");
    const known = scene(`${HANDSHAKE}Authorization: Basic ${btoa("ann:long-enough")}\r\n\r\n`, options);
    await known.visitor.gets("HTTP/1.1 101 ");
    const busy = scene("");
    busy.agent.isFull = true;
    busy.visitor.send(`${HANDSHAKE}\r\n`);
    await busy.visitor.gets("HTTP/1.1 503 ");
  });

  test("and closes it when the upstream ends, once the visitor has answered", async () => {
    const s = scene();
    const { end, heard } = await s.agent.stream(0);
    end.write(octets("last"));
    end.end();
    await gets(s, { text: "last" }, CLOSE);
    s.send({ text: "crossed" }, CLOSE);
    await heard.until(() => heard.hasEnded);
    expect(heard.text).toBe("crossed");
    await s.visitor.getsEnd();
    s.visitor.connection.end();
    await eventually("the visitor is gone", () => s.visitors.count === 0);
    expect(s.exchanges.map(({ outcome, status }) => [outcome, status])).toEqual([["upgraded", 101]]);
    expect(s.clock.pending).toBe(0);
  });

  test("and ends the upstream's direction when the visitor closes, whose answer it still gets", async () => {
    const s = scene();
    s.send({ text: "ask" }, CLOSE);
    const { end, heard } = await s.agent.stream(0, "ask");
    await heard.until(() => heard.hasEnded);
    end.write(octets("answer"));
    end.end();
    await gets(s, { text: "answer" }, CLOSE);
    await s.visitor.getsEnd();
  });

  test("and waits no longer than that for the end of an upstream or a visitor", async () => {
    const visitorLeft = scene();
    visitorLeft.send(CLOSE);
    const { heard } = await visitorLeft.agent.stream(0);
    await heard.until(() => heard.hasEnded);
    visitorLeft.clock.advance(CLOSING_MS);
    await visitorLeft.visitor.getsCut();
    await heard.until(() => heard.cause !== undefined);

    const upstreamLeft = scene();
    (await upstreamLeft.agent.stream(0)).end.end();
    await gets(upstreamLeft, CLOSE);
    upstreamLeft.clock.advance(CLOSING_MS);
    await upstreamLeft.visitor.getsCut();
    await eventually("the visitor is gone", () => upstreamLeft.visitors.count === 0);
  });

  test.each([
    ["breaks the rules", { text: "x", reserved: 0x10 }, "\x03\xea"],
    ["sends text", { opcode: 1, text: "x" }, "\x03\xeb"],
  ])("and tells a visitor that %s", async (_, wrong, code) => {
    const s = scene();
    const { end, heard } = await s.agent.stream(0);
    s.send({ text: "good" }, wrong, { text: "late" });
    await gets(s, { opcode: 8, text: code });
    end.write(octets("unwanted"));
    await s.visitor.getsEnd();
    s.visitor.connection.end();
    await heard.until(() => heard.cause !== undefined);
    expect(heard.text).toBe("good");
  });

  test("and tells why the upstream was not reached", async () => {
    const s = scene();
    const { end } = await s.agent.stream(0);
    end.reset(RESET_CODES.upstreamRefused);
    await s.visitor.getsEnd();
    expect(s.frames().subarray(0, 4).toString("latin1")).toEndWith("\x03\xf3");
    expect(s.frames().toString()).toContain("ERR_NGROK_8012 The agent could not connect to http://localhost:8080");
    s.send({ text: "late" });
    s.visitor.connection.end();
    await eventually("the visitor is gone", () => s.visitors.count === 0);
  });

  test("and cuts the upstream when the visitor leaves without a Close", async () => {
    const s = scene();
    s.send({ text: "half" });
    const { heard } = await s.agent.stream(0, "half");
    s.visitor.connection.end();
    await heard.until(() => heard.cause !== undefined);
    await eventually("the visitor is gone", () => s.visitors.count === 0);
  });

  test("without memory for what a side does not read", async () => {
    const s = scene();
    const { end, heard } = await s.agent.stream(0);
    s.visitor.connection.pause();
    let isFull = false;
    for (let sent = 0; sent < 100 && !isFull; sent++) {
      isFull = !end.write(new Uint8Array(100_000));
      await quiet();
    }
    expect(isFull).toBe(true);
    for (let at = 0; at < 100; at++) s.send({ opcode: 9, text: `${at}` });
    await quiet();
    s.visitor.connection.resume();
    await heard.until(() => heard.drains > 0);
    await eventually("the last ping was answered", () => s.frames().toString("latin1").includes("\x8a\x0299"));
    expect(s.frames().toString("latin1").split("\x8a\x02").length).toBeLessThan(50);

    end.pause();
    const frames = frame({ opcode: 2, payload: new Uint8Array(100_000), mask: 1 });
    let isStopped = false;
    for (let sent = 0; sent < 100 && !isStopped; sent++) {
      isStopped = !s.visitor.connection.write(frames);
      await quiet();
    }
    expect(isStopped).toBe(true);
  });

  test("and lets pings keep it open", async () => {
    const s = scene();
    await s.agent.stream(0);
    for (let round = 0; round < 3; round++) {
      s.clock.advance(IDLE_MS - 10_000);
      s.send({ opcode: 9, text: `${round}` });
      await eventually("the ping was answered", () => s.frames().toString("latin1").includes(`\x8a\x01${round}`));
    }
    s.clock.advance(IDLE_MS + 10_000);
    await s.visitor.getsCut();
  });
});
