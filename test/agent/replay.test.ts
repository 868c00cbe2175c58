/** Captured requests sent once more, to upstreams in this process. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { replay, REPLAY_TIMEOUT_MS } from "../../src/agent/replay.ts";
import type { Tunnel } from "../../src/agent/tunnel.ts";
import { UsageError } from "../../src/base/errors.ts";
import type { Exchange } from "../../src/capture/exchange.ts";
import { ExchangeRing } from "../../src/capture/exchange-ring.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { CapturedTunnels } from "../support/captured-tunnels.ts";
import { text } from "../support/http-transcript.ts";
import { DeafPort } from "../support/deaf-port.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { RawEnd } from "../support/raw-end.ts";
import { tcpTunnel } from "../support/tunnel-definitions.ts";
import { RawUpstream } from "../support/raw-upstream.ts";
import { eventually } from "../support/turns.ts";
import { visit } from "../support/visit.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

let system: CapturedTunnels;
beforeAll(() => {
  system = new CapturedTunnels();
});
afterAll(() => system[Symbol.asyncDispose]());

interface Scene extends Disposable {
  readonly tunnel: Tunnel;
  readonly upstream: RawUpstream;
  /** What the upstream got. */
  readonly served: string;
  readonly exchange: Exchange;
  readonly options: { readonly tunnel: Tunnel; readonly ring: ExchangeRing };
}

/** A tunnel, and a request that came through it; its response is {@link OK}. */
async function visited(
  name: string,
  rest = "\r\n",
  more: Parameters<CapturedTunnels["start"]>[1] = {},
): Promise<Scene> {
  const upstream = new RawUpstream();
  const tunnel = await system.start(name, { upstream: `127.0.0.1:${upstream.port}`, ...more });
  const visitor = new RawEnd(await dialTcp({ host: "127.0.0.1", port: system.edge.http }, { timeoutMs: 5_000 }));
  visitor.send(`POST /first HTTP/1.1\r\nHost: ${name}.edge.test\r\n${rest}`);
  const served = await answerNext(upstream, OK);
  await visitor.gets("ok");
  visitor.connection.reset();
  const exchange = await system.one(name);
  const options = { tunnel, ring: system.ring };
  return { tunnel, upstream, served, exchange, options, [Symbol.dispose]: () => upstream[Symbol.dispose]() };
}

/** Answers one request, and tells what it was. The connection stays open, as servers leave it. */
async function answerNext(upstream: RawUpstream, response: string, end = "\r\n\r\n"): Promise<string> {
  const served = new RawEnd(await upstream.next());
  const heard = await served.gets(end);
  served.send(response);
  return heard;
}

/** The newest of the tunnel. */
async function repeated(name: string, count = 2): Promise<Exchange> {
  const exchange = (await system.over(name, count)).at(-1);
  if (exchange === undefined) throw new Error("nothing was repeated");
  return exchange;
}

describe("replay", () => {
  test("replay sends the same octets to the same upstream, and records a new exchange", async () => {
    const body = "Transfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n";
    using scene = await visited("same", body);
    const replayed = replay(scene.exchange, scene.options);
    expect(await answerNext(scene.upstream, OK, "X-Sum: 3\r\n\r\n")).toBe(text(scene.exchange.request.raw));
    await replayed;
    const exchange = await repeated("same");
    expect(exchange).toMatchObject({
      replayOf: scene.exchange.id,
      outcome: "complete",
      tunnelName: "same",
      visitorAddress: "127.0.0.1:0",
    });
    expect(text(exchange.response?.raw ?? NOTHING)).toBe(OK);
  });

  test("replay sends what was changed, with a Content-Length that fits", async () => {
    using scene = await visited("changed", "Content-Length: 3\r\nX-Kept: 1\r\n\r\nabc");
    const changes = { method: "PATCH", target: "/other?x", body: Buffer.from("longer") };
    const replayed = replay(scene.exchange, { ...scene.options, changes });
    const heard = await answerNext(scene.upstream, OK, "longer");
    await replayed;
    expect(heard).toStartWith("PATCH /other?x HTTP/1.1\r\nHost: changed.edge.test\r\n");
    expect(heard).toContain("X-Kept: 1\r\n");
    expect(heard).toEndWith("\r\nContent-Length: 6\r\n\r\nlonger");
    expect((await repeated("changed")).request).toMatchObject({ method: "PATCH", target: "/other?x" });
  });

  test("replay on another tunnel is recorded there, also when that one is not inspected", async () => {
    using scene = await visited("from");
    using other = new RawUpstream();
    const tunnel = await system.start("to", { upstream: `127.0.0.1:${other.port}`, inspect: false });
    const replayed = replay(scene.exchange, { ...scene.options, tunnel });
    expect(await answerNext(other, OK)).toBe(text(scene.exchange.request.raw));
    await replayed;
    expect(await system.one("to")).toMatchObject({ replayOf: scene.exchange.id, tunnelName: "to" });
    expect(tunnel.metrics.http.snapshot(performance.now()).count).toBe(0);
  });

  test("replay keeps the Host that the upstream saw, and another tunnel sets its own", async () => {
    using scene = await visited("hosts", "\r\n", { hostHeader: { kind: "value", value: "inner.example" } });
    const again = replay(scene.exchange, scene.options);
    const heard = await answerNext(scene.upstream, OK);
    await again;
    expect(heard).toContain("Host: inner.example\r\n");
    expect(heard).toContain("X-Original-Host: hosts.edge.test\r\n");

    using other = new RawUpstream();
    const hostHeader = { kind: "value", value: "elsewhere.example" } as const;
    const tunnel = await system.start("hosts-other", { upstream: `127.0.0.1:${other.port}`, hostHeader });
    const elsewhere = replay(scene.exchange, { ...scene.options, tunnel });
    expect(await answerNext(other, OK)).toContain("Host: elsewhere.example\r\n");
    await elsewhere;
  });

  test("replay several times goes one after the other", async () => {
    using scene = await visited("times");
    const replayed = replay(scene.exchange, { ...scene.options, times: 3 });
    for (let time = 0; time < 3; time++) {
      expect(scene.upstream.untaken).toBe(0);
      await answerNext(scene.upstream, OK);
    }
    await replayed;
    expect(await system.over("times", 4)).toHaveLength(4);
  });

  test("replay says to the upstream of whom it comes when that wants to know", async () => {
    using upstream = new RawUpstream();
    const tunnel = await system.start("proxied", { upstream: `127.0.0.1:${upstream.port}`, proxyProtocol: 1 });
    using scene = await visited("to-proxied");
    const replayed = replay(scene.exchange, { ...scene.options, tunnel });
    expect(await answerNext(upstream, OK)).toBe(`PROXY UNKNOWN\r\n${text(scene.exchange.request.raw)}`);
    await replayed;
  });

  test("replay ends when the upstream cuts, and leaves no connection behind", async () => {
    using scene = await visited("cuts");
    const replayed = replay(scene.exchange, scene.options);
    const served = new RawEnd(await scene.upstream.next());
    await served.gets("\r\n\r\n");
    served.connection.reset();
    await replayed;
    expect(await repeated("cuts")).toMatchObject({ outcome: "upstreamCut", response: undefined });
    const answered = replay(scene.exchange, scene.options);
    const kept = new RawEnd(await scene.upstream.next());
    await kept.gets("\r\n\r\n");
    kept.send(OK);
    await answered;
    await kept.getsEnd();
    kept.connection.end();
  });

  test("replay ends when the upstream cannot be connected to", async () => {
    const scene = await visited("gone");
    scene[Symbol.dispose]();
    await replay(scene.exchange, scene.options);
    expect(await repeated("gone")).toMatchObject({ outcome: "unreachable", response: { isGenerated: true } });
  });

  test.each([
    ["kept", 1_000_000],
    ["not kept", 1],
  ])("replay of an upgrade ends with the answer, which is %s", async (name, limitBytes) => {
    const tunnel = `upgrade-${limitBytes}`;
    using scene = await visited(tunnel, "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    const ring = new ExchangeRing({ limitBytes });
    const replayed = replay(scene.exchange, { ...scene.options, ring, clock: new ManualClock() });
    const served = new RawEnd(await scene.upstream.next());
    await served.gets("\r\n\r\n");
    served.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await replayed;
    expect(ring.count).toBe(name === "kept" ? 1 : 0);
    await served.getsEnd();
    served.connection.end();
  });

  test("replay waits no longer than its deadline", async () => {
    using scene = await visited("slow");
    const clock = new ManualClock();
    const replayed = replay(scene.exchange, { ...scene.options, clock });
    const served = new RawEnd(await scene.upstream.next());
    await served.gets("\r\n\r\n");
    clock.advance(REPLAY_TIMEOUT_MS);
    await replayed;
    expect(await repeated("slow")).toMatchObject({ outcome: "visitorCut", response: undefined });
    served.connection.reset();
  });

  test("replay ends with its signal, cuts the connection, and sends no more", async () => {
    using scene = await visited("stopped");
    const stop = new AbortController();
    const replayed = replay(scene.exchange, { ...scene.options, times: 100 }, stop.signal).catch(String);
    await answerNext(scene.upstream, OK);
    const silent = new RawEnd(await scene.upstream.next());
    await silent.gets("\r\n\r\n");
    stop.abort("enough");
    expect(await replayed).toBe("enough");
    await silent.getsCut();
    expect((await system.over("stopped", 3)).map(({ outcome }) => outcome)).toEqual([
      "complete",
      "complete",
      "visitorCut",
    ]);
    expect(scene.upstream.untaken).toBe(0);
  });

  test("replay ends with its signal while the upstream is dialled", async () => {
    await using deaf = await DeafPort.open();
    using scene = await visited("to-deaf");
    const tunnel = await system.start("deaf", { upstream: `127.0.0.1:${deaf.port}` });
    const stop = new AbortController();
    const replayed = replay(scene.exchange, { ...scene.options, tunnel, times: 100 }, stop.signal).catch(String);
    stop.abort("enough");
    expect(await replayed).toBe("enough");
    expect(system.ring.list({ tunnelName: "deaf" }).filter(({ outcome }) => outcome === "open")).toEqual([]);
  });

  test("replay sends nothing when its signal has come already", async () => {
    using scene = await visited("never");
    const replayed = replay(scene.exchange, scene.options, AbortSignal.abort("enough")).catch(String);
    expect(await replayed).toBe("enough");
    expect(await system.over("never")).toHaveLength(1);
  });

  test("replay of what came when the upstream was gone sets the Host that was not set then", async () => {
    const before = new RawUpstream();
    const { port } = before;
    before[Symbol.dispose]();
    const hostHeader = { kind: "value", value: "inner.example" } as const;
    const tunnel = await system.start("back", { upstream: `127.0.0.1:${port}`, hostHeader });
    await visit("back.edge.test", { port: system.edge.http });
    const missed = await system.one("back");
    using upstream = new RawUpstream({ hostname: "127.0.0.1", port });
    const replayed = replay(missed, { tunnel, ring: system.ring });
    expect(await answerNext(upstream, OK)).toContain("Host: inner.example\r\n");
    await replayed;
    expect(await repeated("back")).toMatchObject({ replayOf: missed.id, outcome: "complete" });
  });

  test("replay refuses what is not there as a whole", async () => {
    using upstream = new RawUpstream();
    const tunnel = await system.start("refused", { upstream: `127.0.0.1:${upstream.port}` });
    const visitor = new RawEnd(await dialTcp({ host: "127.0.0.1", port: system.edge.http }, { timeoutMs: 5_000 }));
    visitor.send("PUT / HTTP/1.1\r\nHost: refused.edge.test\r\nContent-Length: 2000000\r\n\r\nabc");
    const served = new RawEnd(await upstream.next());
    await served.gets("abc");
    const [open] = system.ring.list({ tunnelName: "refused" });
    if (open === undefined) throw new Error("nothing captured");
    const options = { tunnel, ring: system.ring };
    expect(await refusal(replay(open, options))).toContain("it goes on still, or was cut off");
    visitor.connection.write(new Uint8Array(1_999_997));
    await eventually("the request has come", () => open.request.isWhole);
    expect(await refusal(replay(open, options))).toContain("only its first 1048576 bytes are here");
    expect(await refusal(replay(open, { ...options, times: 101 }))).toContain("101 times");
    visitor.connection.reset();
    served.connection.reset();
  });

  test("replay refuses a tunnel that does not speak HTTP", async () => {
    using scene = await visited("http");
    const { bindId, proto, forwarder, metrics, capture } = scene.tunnel;
    const tunnel = { bindId, proto, forwarder, metrics, capture, name: "ssh", definition: tcpTunnel() };
    expect(await refusal(replay(scene.exchange, { ...scene.options, tunnel }))).toContain('tunnel "ssh" cannot repeat');
  });
});

/** What a user is told. */
async function refusal(replayed: Promise<void>): Promise<string> {
  try {
    await replayed;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "not refused";
}

const NOTHING = new Uint8Array(0);
