/** Tunnels that wrappers start, list, describe and stop by the agent API (clients.md section 7, rows by number). */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { CalledAgent } from "../support/called-agent.ts";
import { EDGE_DOMAIN } from "../support/edge-process.ts";

const LIMIT_MS = 30_000;
setDefaultTimeout(LIMIT_MS);

let agent: CalledAgent;
beforeAll(async () => {
  agent = await CalledAgent.start();
}, LIMIT_MS);
afterEach(() => agent.clear());
afterAll(() => agent[Symbol.asyncDispose]());

describe("the agent API", () => {
  test("the agent API meets K-114 and K-115: 201 with a tunnel that is reachable, 200, 204 without a body, 404", async () => {
    const started = await agent.call("POST", "/api/tunnels", agent.definition("web"));
    expect(started.status).toBe(201);
    const { public_url: url, uri } = JSON.parse(started.text);
    expect((await agent.visit(url)).status).toBe(200);
    expect((await agent.call("GET", uri)).status).toBe(200);
    expect(await agent.call("DELETE", uri)).toEqual({ status: 204, contentType: undefined, text: "" });
    expect((await agent.visit(url)).status).toBe(404);
    expect((await agent.call("DELETE", uri, {})).status).toBe(404);
    expect((await agent.call("POST", "/api/tunnels", agent.definition("web"))).status).toBe(201);
    expect((await agent.call("DELETE", uri, {})).status).toBe(204);
  });

  test.each([
    ["http-http://localhost:8080-6c6bb0a0", "/api/tunnels/http-http:%2F%2Flocalhost:8080-6c6bb0a0"],
    ["tunnel (1)", undefined],
    ["web (http)", undefined],
    ["50% größer + mehr?", undefined],
  ])("the agent API meets K-116: the uri of %j leads to it", async (name, expected) => {
    const { uri } = await agent.json("POST", "/api/tunnels", agent.definition(name));
    if (expected !== undefined) expect(decodeURIComponent(uri)).toBe(decodeURIComponent(expected));
    expect(uri.split("/")).toHaveLength(4);
    expect((await agent.json("GET", uri)).name).toBe(name);
    expect((await agent.call("DELETE", uri)).status).toBe(204);
  });

  test("the agent API meets K-117 and K-133: all fields, all numbers, and visits are counted at once", async () => {
    const zero = { count: 0, rate1: 0, rate5: 0, rate15: 0, p50: 0, p90: 0, p95: 0, p99: 0 };
    const started = await agent.json("POST", "/api/tunnels", agent.definition("web"));
    const { public_url: url } = started;
    expect(started).toEqual({
      ID: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: "web",
      uri: "/api/tunnels/web",
      public_url: expect.stringMatching(/^http:/),
      proto: "http",
      config: { addr: `http://localhost:${agent.upstreamPort}`, inspect: true },
      metrics: { conns: expect.objectContaining({ ...zero, gauge: 0 }), http: expect.objectContaining(zero) },
    });
    await agent.visit(url);
    const { metrics } = await agent.json("GET", started.uri);
    expect([metrics.conns.count, metrics.http.count]).toEqual([1, 1]);
    expect(metrics.http.p50).toBeGreaterThan(0);
    const numbers = Object.values({ ...metrics.conns, ...metrics.http });
    expect(numbers.every((value) => typeof value === "number")).toBe(true);
    expect((await agent.json("GET", "/api/requests/http")).requests).toHaveLength(1);
  });

  test.each([
    [{ proto: "http", addr: 5000 }, "http://localhost:5000"],
    [{ proto: "http", addr: "443" }, "https://localhost:443"],
    [{ proto: "http", addr: "example.test:8080" }, "http://example.test:8080"],
    [{ proto: "http", addr: "file:///tmp" }, "file:///tmp"],
    [{ proto: "http", addr: "https://localhost:8443" }, "https://localhost:8443"],
    [{ proto: "tcp", addr: "22" }, "localhost:22"],
    [{ proto: "tls", addr: "443" }, "tls://localhost:443"],
    [{ proto: "tls", addr: 80 }, "localhost:80"],
  ])("the agent API meets K-118: config.addr of %j", async (wish, addr) => {
    expect((await agent.json("POST", "/api/tunnels", { name: "web", ...wish })).config.addr).toBe(addr);
  });

  test.each([
    ["none", {}, ["https web"]],
    ["schemes of both", { schemes: ["http", "https"] }, ["https web", "http web (http)"]],
    ["bind_tls both", { bind_tls: "both" }, ["https web", "http web (http)"]],
    ["bind_tls true", { bind_tls: true }, ["https web"]],
    ["bind_tls true as text", { bind_tls: "true" }, ["https web"]],
    ["bind_tls false", { bind_tls: false }, ["http web"]],
    ["bind_tls false as text", { bind_tls: "false" }, ["http web"]],
  ])("the agent API meets K-119: tunnels by the wish of %s", async (_, wish, expected) => {
    const answer = await agent.json("POST", "/api/tunnels", { name: "web", proto: "http", addr: 80, ...wish });
    const { tunnels } = await agent.json("GET", "/api/tunnels");
    const seen = tunnels.map(({ proto, name }: Record<string, string>) => `${proto} ${name}`);
    expect(seen).toEqual(expected);
    expect(`${answer.proto} ${answer.name}`).toBe(expected[0] ?? "");
  });

  test.each([
    ["subdomain", { subdomain: "api-sub" }, `http://api-sub.${EDGE_DOMAIN}`],
    ["hostname", { hostname: `api-host.${EDGE_DOMAIN}` }, `http://api-host.${EDGE_DOMAIN}`],
    ["domain", { domain: `api-domain.${EDGE_DOMAIN}` }, `http://api-domain.${EDGE_DOMAIN}`],
    ["a number as address", { addr: 80 }, "http://"],
    ["basic_auth as text", { basic_auth: "user:password" }, "http://"],
    ["basic_auth as list", { basic_auth: ["user:password", "other:password"] }, "http://"],
    ["auth (K-121)", { auth: "user:password" }, "http://"],
    ["host_header and inspect", { host_header: "rewrite", inspect: false }, "http://"],
    ["nulls (K-112)", { basic_auth: null, subdomain: null, metadata: null, labels: null }, "http://"],
    [
      "what belongs to the driver (K-121)",
      { authtoken: "T", configPath: "/f", binPath: "/b", port: 1, host: "h", httpauth: "a:b", region: "us", path: "/" },
      "http://",
    ],
    ["web_addr and tunnelName (K-121)", { web_addr: "127.0.0.1:4040", tunnelName: "x" }, "http://"],
  ])("the agent API meets K-120: a definition with %s", async (_, more, url) => {
    const { status, text } = await agent.call("POST", "/api/tunnels", agent.definition("web", more));
    expect([status, JSON.parse(text).public_url]).toEqual([201, expect.stringMatching(new RegExp(`^${url}`))]);
  });

  test("the agent API meets K-130: more than four tunnels in a session", async () => {
    const names = Array.from({ length: 8 }, (_, at) => `tunnel ${at}`);
    const answers = await Promise.all(names.map((name) => agent.call("POST", "/api/tunnels", agent.definition(name))));
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201));
  });
});
