/** What is captured of visits through a real edge, and that visitors notice nothing of it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { CAPTURE_LIMIT_BYTES } from "../../src/capture/exchange.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { CapturedTunnels } from "../support/captured-tunnels.ts";
import { text } from "../support/http-transcript.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { RawEnd } from "../support/raw-end.ts";
import { RawUpstream } from "../support/raw-upstream.ts";
import { eventually } from "../support/turns.ts";
import { visit } from "../support/visit.ts";

const LARGE = patternedBytes(3 * CAPTURE_LIMIT_BYTES);

let system: CapturedTunnels;
let echo: Server;
let addr: string;
beforeAll(async () => {
  system = new CapturedTunnels();
  echo = createServer((request, response) => {
    response.setHeader("X-Path", request.url ?? "");
    request.pipe(response);
  }).listen(0, "127.0.0.1");
  await once(echo, "listening");
  addr = `127.0.0.1:${(echo.address() as AddressInfo).port}`; // listening on TCP
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  echo.closeAllConnections();
  echo.close();
});

const hostOf = (name: string): string => `${name}.edge.test`;

async function raw(): Promise<RawEnd> {
  return new RawEnd(await dialTcp({ host: "127.0.0.1", port: system.edge.http }, { timeoutMs: 5_000 }));
}

describe("Capture through an edge", () => {
  test("a GET is captured as forwarded and as answered, with its visitor and its times", async () => {
    await system.start("get", { upstream: addr });
    const { status } = await visit(hostOf("get"), { port: system.edge.http, path: "/a?b=%20c" });
    expect(status).toBe(200);
    const exchange = await system.one("get");
    const { request, response, requestEndMs = -1, firstByteMs = -1, endMs = -1 } = exchange;
    expect(request).toMatchObject({ method: "GET", target: "/a?b=%20c", version: "HTTP/1.1", isWhole: true });
    expect(request.head).toContainEqual(["Host", hostOf("get")]);
    expect(request.head.map(([name]) => name)).toContain("X-Forwarded-For");
    expect(response).toMatchObject({ statusCode: 200, status: "200 OK", isWhole: true, isTruncated: false });
    expect(response?.head).toContainEqual(["X-Path", "/a?b=%20c"]);
    expect(exchange).toMatchObject({ outcome: "complete", tunnelName: "get", replayOf: undefined });
    expect(exchange.visitorAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    expect([0 <= requestEndMs, requestEndMs <= firstByteMs, firstByteMs <= endMs]).toEqual([true, true, true]);
  });

  test("a POST in chunks keeps its chunks and trailers, and its answer too", async () => {
    await system.start("chunks", { upstream: addr });
    const visitor = await raw();
    const body = "4;x=y\r\nabcd\r\n0\r\nX-Sum: 4\r\n\r\n";
    visitor.send(`POST / HTTP/1.1\r\nHost: ${hostOf("chunks")}\r\nTransfer-Encoding: chunked\r\n\r\n${body}`);
    await visitor.gets("0\r\n\r\n");
    const { request, response, outcome } = await system.one("chunks");
    expect(outcome).toBe("complete");
    expect(text(request.raw.subarray(request.headBytes))).toBe(body);
    expect(request.trailers).toEqual([["X-Sum", "4"]]);
    expect(text(response?.raw ?? LARGE)).toEndWith("\r\n\r\n4\r\nabcd\r\n0\r\n\r\n");
    visitor.connection.reset();
  });

  test("large bodies pass whole, and are cut in the capture", async () => {
    await system.start("large", { upstream: addr });
    const { body } = await visit(hostOf("large"), { port: system.edge.http, method: "PUT", body: LARGE });
    expect(Buffer.compare(body, LARGE)).toBe(0);
    const { request, response } = await system.one("large");
    expect(request).toMatchObject({ isTruncated: true, isWhole: true });
    expect(response).toMatchObject({ isTruncated: true, isWhole: true });
    expect(request.raw.length).toBe(CAPTURE_LIMIT_BYTES);
    expect(request.wireBytes).toBeGreaterThan(LARGE.length);
  });

  test("the requests of one connection are exchanges of their own", async () => {
    await system.start("kept", { upstream: addr });
    const visitor = await raw();
    for (const path of ["/1", "/2", "/3"]) {
      visitor.send(`GET ${path} HTTP/1.1\r\nHost: ${hostOf("kept")}\r\n\r\n`);
      await visitor.gets(`X-Path: ${path}`);
    }
    const exchanges = await system.over("kept", 3);
    expect(exchanges.map(({ request }) => request.target)).toEqual(["/1", "/2", "/3"]);
    const ids = exchanges.map(({ id }) => id);
    expect(ids.toSorted()).toEqual(ids);
    visitor.connection.reset();
  });

  test("an upstream that cannot be connected to: the request, and the answer made for it", async () => {
    const upstream = new RawUpstream();
    const { port } = upstream;
    upstream[Symbol.dispose]();
    await system.start("refused", { upstream: `127.0.0.1:${port}` });
    const visited = await visit(hostOf("refused"), {
      port: system.edge.http,
      method: "POST",
      body: Buffer.from("all of it"),
      headers: { "Content-Length": "9" },
    });
    expect(visited.status).toBe(502);
    const { request, response, outcome } = await system.one("refused");
    expect(outcome).toBe("unreachable");
    expect(request).toMatchObject({ method: "POST", isWhole: true });
    expect(text(request.raw)).toEndWith("\r\n\r\nall of it");
    expect(response).toMatchObject({ isGenerated: true, statusCode: 502, status: "502 Bad Gateway", isWhole: true });
    expect(text(response?.raw.subarray(response.headBytes) ?? LARGE)).toContain("connection refused");
  });

  test("a visitor who goes before the answer is whole, and an upstream that does", async () => {
    using upstream = new RawUpstream();
    await system.start("cut", { upstream: `127.0.0.1:${upstream.port}` });
    for (const cutBy of ["visitor", "upstream"] as const) {
      const visitor = await raw();
      visitor.send(`GET /${cutBy} HTTP/1.1\r\nHost: ${hostOf("cut")}\r\n\r\n`);
      const served = new RawEnd(await upstream.next());
      await served.gets("\r\n\r\n");
      served.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
      await visitor.gets("he");
      (cutBy === "visitor" ? visitor : served).connection.reset();
      const cut = (await system.over("cut")).at(-1);
      expect(cut).toMatchObject({ outcome: `${cutBy}Cut`, request: { isWhole: true }, response: { isWhole: false } });
      visitor.connection.reset();
      served.connection.reset();
    }
  });

  test("a rewritten Host is captured as the upstream sees it", async () => {
    await system.start("rewritten", { upstream: addr, hostHeader: { kind: "rewrite" } });
    await visit(hostOf("rewritten"), { port: system.edge.http });
    const { request, outcome } = await system.one("rewritten");
    expect(outcome).toBe("complete");
    expect(request.head).toContainEqual(["Host", addr]);
    expect(request.head).toContainEqual(["X-Original-Host", hostOf("rewritten")]);
  });

  test.each([1, 2] as const)(
    "a PROXY header of version %d goes in front, and is no part of the capture",
    async (version) => {
      using upstream = new RawUpstream();
      const name = `proxied${version}`;
      await system.start(name, { upstream: `127.0.0.1:${upstream.port}`, proxyProtocol: version });
      const visitor = await raw();
      visitor.send(`GET / HTTP/1.1\r\nHost: ${hostOf(name)}\r\n\r\n`);
      const served = new RawEnd(await upstream.next());
      const heard = await served.gets("\r\n\r\n");
      expect(heard).toStartWith(version === 1 ? "PROXY TCP4 " : "\r\n\r\n\0\r\nQUIT\n");
      await served.gets(`Host: ${hostOf(name)}`);
      served.send("HTTP/1.1 204 No Content\r\n\r\n");
      await visitor.gets("204");
      const { request, outcome } = await system.one(name);
      expect([outcome, request.startLine]).toEqual(["complete", "GET / HTTP/1.1"]);
      visitor.connection.reset();
      served.connection.reset();
    },
  );

  test("a folder as upstream is captured too", async () => {
    await system.start("folder", { upstream: `file://${import.meta.dir}` });
    await visit(hostOf("folder"), { port: system.edge.http, path: "/capture.test.ts" });
    expect(await system.one("folder")).toMatchObject({ outcome: "complete", response: { statusCode: 200 } });
  });

  test("events of an event stream are there as they come, and are counted by the tunnel", async () => {
    using upstream = new RawUpstream();
    const tunnel = await system.start("events", { upstream: `127.0.0.1:${upstream.port}` });
    const visitor = await raw();
    visitor.send(`GET / HTTP/1.1\r\nHost: ${hostOf("events")}\r\n\r\n`);
    const served = new RawEnd(await upstream.next());
    served.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    const listed = () => system.ring.list({ tunnelName: "events" })[0];
    for (const word of ["one", "two"]) {
      served.send(`b\r\ndata: ${word}\n\n\r\n`);
      await eventually(`${word} is there`, () => text(listed()?.messages.at(-1)?.bytes ?? LARGE) === word);
    }
    expect(listed()).toMatchObject({ outcome: "open", stream: "events" });
    served.send("0\r\n\r\n");
    expect(await system.one("events")).toMatchObject({ outcome: "complete", messages: [{ index: 0 }, { index: 1 }] });
    expect(tunnel.metrics.http.snapshot(performance.now()).count).toBe(1);
    visitor.connection.reset();
    served.connection.reset();
  });

  test("a tunnel that is not to be inspected leaves no trace", async () => {
    const tunnel = await system.start("off", { upstream: addr, inspect: false });
    await visit(hostOf("off"), { port: system.edge.http });
    expect(tunnel.capture).toBeUndefined();
    expect(system.ring.list({ tunnelName: "off" })).toEqual([]);
  });

  test("each of a pair has its exchanges under its own name", async () => {
    await system.start("pair", { upstream: addr, schemes: ["https", "http"] });
    await visit(hostOf("pair"), { port: system.edge.http });
    expect(await system.one("pair (http)")).toMatchObject({ outcome: "complete" });
    expect(system.ring.list({ tunnelName: "pair" })).toEqual([]);
  });
});
