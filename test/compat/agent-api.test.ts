/** Calls of the agent API as wrappers make them, and what they read in the answers (clients.md section 7, rows by number). */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Buffer } from "node:buffer";
import { EDGE_DOMAIN, EdgeProcess } from "../support/edge-process.ts";
import { type ApiAnswer, callApi } from "../support/urllib-call.ts";
import { visit, type Visited } from "../support/visit.ts";
import { WrappedAgent } from "../support/wrapped-agent.ts";

const LIMIT_MS = 30_000;
setDefaultTimeout(LIMIT_MS);

const upstream = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("here I am") });
let edge: EdgeProcess;
let agent: WrappedAgent;
let api: string;

beforeAll(async () => {
  edge = await EdgeProcess.start();
  agent = await WrappedAgent.start({ edge });
  api = await agent.ready();
}, LIMIT_MS);
/** Every test ends with an agent that has no tunnels and no exchanges. */
afterEach(async () => {
  const { tunnels } = await json("GET", "/api/tunnels");
  await Promise.all(tunnels.map(({ uri }: { uri: string }) => call("DELETE", uri)));
  await call("DELETE", "/api/requests/http");
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await edge[Symbol.asyncDispose]();
  await upstream.stop(true);
});

const call = (method: string, path: string, body?: object): Promise<ApiAnswer> => callApi(api, method, path, body);

/** An answer that is JSON, as it is for whoever reads it without types. */
async function json(method: string, path: string, body?: object) {
  return JSON.parse((await call(method, path, body)).text);
}

/** A visitor of an http or https URL. */
function visitUrl(url: string, path = "/"): Promise<Visited> {
  const { protocol, hostname, port } = new URL(url);
  return visit(hostname, { port: Number(port), path, ...(protocol === "https:" ? { caPem: edge.caPem } : {}) });
}

/** As the wrapper posts by default: the address is a text, the scheme is chosen. */
function definition(name: string, more: object = {}): object {
  return { name, addr: String(upstream.port), proto: "http", schemes: ["http"], ...more };
}

describe("the agent API", () => {
  test("the agent API meets K-110, K-111 and K-113: compact JSON with its type, an empty list that is one", async () => {
    const { status, contentType, text } = await call("GET", "/api/tunnels");
    expect([status, contentType, text]).toEqual([200, "application/json", `{"tunnels":[],"uri":"/api/tunnels"}\n`]);
    await call("POST", "/api/tunnels", definition("web"));
    const list = await call("GET", "/api/tunnels");
    expect(list.text).toMatch(/"public_url":"http:\/\/[0-9a-f.]+[^"]*","proto":"http"/);
  });

  test("the agent API meets K-114 and K-115: 201 with a tunnel that is reachable, 200, 204 without a body, 404", async () => {
    const started = await call("POST", "/api/tunnels", definition("web"));
    expect(started.status).toBe(201);
    const { public_url: url, uri } = JSON.parse(started.text);
    expect((await visitUrl(url)).status).toBe(200);
    expect((await call("GET", uri)).status).toBe(200);
    expect(await call("DELETE", uri)).toEqual({ status: 204, contentType: undefined, text: "" });
    expect((await visitUrl(url)).status).toBe(404);
    expect((await call("DELETE", uri, {})).status).toBe(404);
    expect((await call("POST", "/api/tunnels", definition("web"))).status).toBe(201);
    expect((await call("DELETE", uri, {})).status).toBe(204);
  });

  test.each([
    ["http-http://localhost:8080-6c6bb0a0", "/api/tunnels/http-http:%2F%2Flocalhost:8080-6c6bb0a0"],
    ["tunnel (1)", undefined],
    ["web (http)", undefined],
    ["50% größer + mehr?", undefined],
  ])("the agent API meets K-116: the uri of %j leads to it", async (name, expected) => {
    const { uri } = await json("POST", "/api/tunnels", definition(name));
    if (expected !== undefined) expect(decodeURIComponent(uri)).toBe(decodeURIComponent(expected));
    expect(uri.split("/")).toHaveLength(4);
    expect((await json("GET", uri)).name).toBe(name);
    expect((await call("DELETE", uri)).status).toBe(204);
  });

  test("the agent API meets K-117 and K-133: all fields, all numbers, and visits are counted at once", async () => {
    const zero = { count: 0, rate1: 0, rate5: 0, rate15: 0, p50: 0, p90: 0, p95: 0, p99: 0 };
    const started = await json("POST", "/api/tunnels", definition("web"));
    const { public_url: url } = started;
    expect(started).toEqual({
      ID: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: "web",
      uri: "/api/tunnels/web",
      public_url: expect.stringMatching(/^http:/),
      proto: "http",
      config: { addr: `http://localhost:${upstream.port}`, inspect: true },
      metrics: { conns: expect.objectContaining({ ...zero, gauge: 0 }), http: expect.objectContaining(zero) },
    });
    await visitUrl(url);
    const { metrics } = await json("GET", started.uri);
    expect([metrics.conns.count, metrics.http.count]).toEqual([1, 1]);
    expect(metrics.http.p50).toBeGreaterThan(0);
    const numbers = Object.values({ ...metrics.conns, ...metrics.http });
    expect(numbers.every((value) => typeof value === "number")).toBe(true);
    expect((await json("GET", "/api/requests/http")).requests).toHaveLength(1);
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
    expect((await json("POST", "/api/tunnels", { name: "web", ...wish })).config.addr).toBe(addr);
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
    const answer = await json("POST", "/api/tunnels", { name: "web", proto: "http", addr: 80, ...wish });
    const { tunnels } = await json("GET", "/api/tunnels");
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
    const { status, text } = await call("POST", "/api/tunnels", definition("web", more));
    expect([status, JSON.parse(text).public_url]).toEqual([201, expect.stringMatching(new RegExp(`^${url}`))]);
  });

  test.each([
    [
      "K-122: a name that runs",
      definition("taken"),
      400,
      102,
      "invalid tunnel configuration",
      'tunnel "taken" already exists',
    ],
    [
      "K-123: an unknown protocol",
      { name: "n", addr: 80, proto: "invalid" },
      400,
      102,
      "invalid tunnel configuration",
      "protocol name",
    ],
    ["K-123: no address", { name: "n", proto: "http" }, 400, 102, "invalid tunnel configuration", "addr"],
    ["an unknown key", definition("n", { subdomian: "x" }), 400, 102, "invalid tunnel configuration", "subdomian"],
    [
      "K-123: a port that nobody has reserved",
      { name: "n", proto: "tcp", addr: 22, remote_addr: "1.tcp.ngrok.io:12345" },
      502,
      103,
      "failed to start tunnel",
      "ERR_NGROK_307",
    ],
    [
      "K-124: a foreign name",
      definition("n", { hostname: "www.example.org" }),
      502,
      103,
      "failed to start tunnel",
      "ERR_NGROK_319",
    ],
    [
      "K-125: a URL in use",
      definition("n", { subdomain: "api-taken" }),
      502,
      103,
      "failed to start tunnel",
      "ERR_NGROK_334",
    ],
    [
      "K-125: a URL in use, in older words",
      definition("n", { subdomain: "api-taken" }),
      502,
      103,
      "failed to start tunnel",
      "is already bound to another tunnel session",
    ],
  ])("the agent API meets K-127 and %s", async (_, body, status, code, msg, err) => {
    expect((await call("POST", "/api/tunnels", definition("taken", { subdomain: "api-taken" }))).status).toBe(201);
    const refused = await call("POST", "/api/tunnels", body);
    expect([refused.status, refused.contentType]).toEqual([status, "application/json"]);
    expect(JSON.parse(refused.text)).toEqual({
      error_code: code,
      status_code: status,
      msg,
      details: { err: expect.stringContaining(err) },
    });
    const { tunnels } = await json("GET", "/api/tunnels");
    expect(tunnels).toHaveLength(1);
  });

  test.each([
    ["GET", "/api/tunnels/nobody"],
    ["DELETE", "/api/tunnels/nobody"],
    ["GET", "/api/requests/http/nobody"],
    ["GET", "/api/endpoints/nobody"],
    ["GET", "/api/nothing"],
  ])("the agent API meets K-127: %s %s is not found, with an error that can be read", async (method, path) => {
    const { status, contentType, text } = await call(method, path);
    expect([status, contentType]).toEqual([404, "application/json"]);
    expect(JSON.parse(text)).toMatchObject({
      error_code: expect.any(Number),
      status_code: 404,
      msg: "Not Found",
      details: { path, err: expect.any(String) },
    });
  });

  test("the agent API meets K-128: endpoints and tunnels are two views of the same", async () => {
    const body = { name: "end", url: `http://api-end.${EDGE_DOMAIN}`, upstream: { url: String(upstream.port) } };
    const posted = await call("POST", "/api/endpoints", body);
    const url = `http://api-end.${EDGE_DOMAIN}:${edge.ports.http}`;
    expect([posted.status, JSON.parse(posted.text)]).toMatchObject([
      201,
      {
        name: "end",
        uri: "/api/endpoints/end",
        url,
        public_url: url,
        proto: "http",
        config: { addr: `http://localhost:${upstream.port}` },
        upstream: { url: `http://localhost:${upstream.port}`, protocol: "http1" },
        metrics: { conns: { count: 0 }, http: { count: 0 } },
        pooling_enabled: false,
      },
    ]);
    const { id, ID } = JSON.parse(posted.text);
    expect(id).toBe(ID);
    expect((await visitUrl(url)).status).toBe(200);
    const { endpoints } = await json("GET", "/api/endpoints");
    expect(endpoints).toHaveLength(1);
    expect(await json("GET", "/api/tunnels/end")).toMatchObject({ ID, public_url: url, uri: "/api/tunnels/end" });
    expect((await call("DELETE", "/api/endpoints/end")).status).toBe(204);
    expect((await json("GET", "/api/tunnels")).tunnels).toEqual([]);
  });

  test.each([
    ["http", { upstream: { url: "http://localhost:80" } }, "https://"],
    ["tcp", { url: "tcp://", inspect: false, upstream: { url: "localhost:22" } }, "tcp://"],
    ["tls", { url: "tls://", inspect: false, upstream: { url: "localhost:443" } }, "tls://"],
  ])("the agent API meets K-128: what the wrapper posts for %s in version 3", async (_, body, url) => {
    const { status, text } = await call("POST", "/api/endpoints", { name: "v3", ...body });
    expect([status, JSON.parse(text).public_url]).toEqual([201, expect.stringMatching(new RegExp(`^${url}`))]);
  });

  test("the agent API meets K-130: more than four tunnels in a session", async () => {
    const names = Array.from({ length: 8 }, (_, at) => `tunnel ${at}`);
    const answers = await Promise.all(names.map((name) => call("POST", "/api/tunnels", definition(name))));
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201));
  });

  test("the agent API meets K-131: exchanges, newest first, by tunnel and number", async () => {
    const [one, two] = await Promise.all(["one", "two"].map((name) => json("POST", "/api/tunnels", definition(name))));
    for (const [url, path] of [
      [one.public_url, "/a"],
      [two.public_url, "/b?q=1"],
      [one.public_url, "/c"],
    ]) {
      await visitUrl(url, path);
    }
    const uris = async (query: string): Promise<readonly string[]> =>
      (await json("GET", `/api/requests/http${query}`)).requests.map(
        ({ request }: { request: { uri: string } }) => request.uri,
      );
    expect(await uris("")).toEqual(["/c", "/b?q=1", "/a"]);
    expect(await uris("?tunnel_name=one")).toEqual(["/c", "/a"]);
    expect(await uris("?limit=1&tunnel_name=two")).toEqual(["/b?q=1"]);
    expect(await uris("?tunnel_name=nobody")).toEqual([]);
    const { requests } = await json("GET", "/api/requests/http");
    const ids = requests.map(({ id }: { id: string }) => id);
    expect(ids.toSorted().toReversed()).toEqual(ids);
    const [newest] = requests;
    expect(newest).toMatchObject({
      uri: `/api/requests/http/${newest.id}`,
      id: expect.stringMatching(/^airt_[0-9A-Za-z]{27}$/),
      tunnel_name: "one",
      remote_addr: "127.0.0.1",
      start: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/),
      request: { method: "GET", proto: "HTTP/1.1", headers: { Connection: ["close"] }, uri: "/c" },
      response: { status: "200 OK", status_code: 200, proto: "HTTP/1.1" },
    });
    expect(Number.isInteger(newest.duration)).toBe(true);
    expect(Buffer.from(newest.request.raw, "base64").toString()).toStartWith("GET /c HTTP/1.1\r\n");
    expect(Buffer.from(newest.response.raw, "base64").toString()).toEndWith("\r\n\r\nhere I am");
  });

  test.each([["id"], ["tunnel_name"], ["tunnelName"]])(
    "the agent API meets K-132: a replay asked for with %s is recorded when it is answered",
    async (key) => {
      const { public_url: url } = await json("POST", "/api/tunnels", definition("web"));
      await visitUrl(url, "/again");
      const [{ id }] = (await json("GET", "/api/requests/http")).requests;
      const replayed = await call("POST", "/api/requests/http", { [key]: "web", id });
      expect([replayed.status, replayed.text]).toEqual([204, ""]);
      const { requests } = await json("GET", "/api/requests/http?tunnel_name=web");
      expect(requests.map(({ request }: { request: { uri: string } }) => request.uri)).toEqual(["/again", "/again"]);
      expect(requests[0].response.status_code).toBe(200);
      expect((await call("DELETE", "/api/requests/http")).status).toBe(204);
      expect((await json("GET", "/api/requests/http")).requests).toEqual([]);
    },
  );

  test("the agent API meets K-131: an upstream that is not there is an answer of 502", async () => {
    const { public_url: url } = await json("POST", "/api/tunnels", definition("none", { addr: "127.0.0.1:1" }));
    expect((await visitUrl(url)).status).toBe(502);
    const [exchange] = (await json("GET", "/api/requests/http")).requests;
    expect(exchange.response).toMatchObject({ status: "502 Bad Gateway", status_code: 502 });
  });

  test("the agent API meets K-134: the status of the session", async () => {
    const { status, text } = await call("GET", "/api/status");
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      {
        status: "online",
        agent_version: expect.stringMatching(/^3\.\d+\.\d+$/),
        session: { legs: [{ region: "us", latency: expect.stringMatching(/^[\d.]+(?:µs|ms|s)$/) }] },
        uri: "/api/status",
      },
    ]);
  });

  test.each([
    ["/status", 200, "content-type", /^text\/html/],
    ["/inspect/http", 200, "content-type", /^text\/html/],
    ["/", 302, "location", /^\/inspect\/http$/],
  ])("the agent API meets K-135: %s for people", async (path, status, header, value) => {
    const answer = await fetch(`${api}${path}`, { redirect: "manual" });
    expect(answer.status).toBe(status);
    expect(answer.headers.get(header)).toMatch(value);
  });

  test("the agent API meets K-137: HTTP/1.1 over either loopback, one connection for many calls or one for each", async () => {
    const { port } = new URL(api);
    const calls = Array.from({ length: 5 }, () => fetch(`${api}/api/tunnels`).then((answer) => answer.status));
    expect(await Promise.all(calls)).toEqual([200, 200, 200, 200, 200]);
    expect((await callApi(`http://localhost:${port}`, "GET", "/api/tunnels")).status).toBe(200);
    expect((await callApi(`http://[::1]:${port}`, "GET", "/api/tunnels")).status).toBe(200);
  });
});

describe("a published agent API", () => {
  test("a published agent API meets K-136: it shows its status to visitors, and nothing else", async () => {
    await using published = await WrappedAgent.start({ edge, config: `version: "2"\nweb_publish: true\n` });
    const base = await published.ready();
    const own = { name: "own", proto: "http", schemes: ["http"], addr: new URL(base).port, subdomain: "own-web" };
    const { status, text } = await callApi(base, "POST", "/api/tunnels", own);
    expect(status).toBe(201);
    const url = JSON.parse(text).public_url;
    const paths = ["/api/status", "/status", "/api/tunnels", "/api/requests/http", "/inspect/http"];
    const seen = await Promise.all(paths.map(async (path) => (await visitUrl(url, path)).status));
    expect(seen).toEqual([200, 200, 403, 403, 403]);
  });

  test("a published agent API is refused unless it was allowed", async () => {
    const { status, text } = await call("POST", "/api/tunnels", definition("own", { addr: new URL(api).port }));
    expect([status, JSON.parse(text).details.err]).toEqual([400, expect.stringContaining("web_publish")]);
  });
});

describe("the agent API without a session", () => {
  test(
    "the agent API without a session meets K-126: refuses in the words that wrappers wait on, and the name stays free",
    async () => {
      await using late = await EdgeProcess.start();
      await late.end("SIGTERM");
      await using waiting = await WrappedAgent.start({ edge: late });
      const { addr } = await waiting.logged("starting web service");
      const base = `http://${addr}`;
      const refused = await callApi(base, "POST", "/api/tunnels", definition("web"));
      expect([refused.status, JSON.parse(refused.text)]).toEqual([
        503,
        {
          error_code: 104,
          status_code: 503,
          msg: "ngrok is not yet ready to start tunnels",
          details: { err: "a successful ngrok tunnel session has not yet been established" },
        },
      ]);
      await late.again();
      await waiting.logged("tunnel session started");
      expect((await callApi(base, "POST", "/api/tunnels", definition("web"))).status).toBe(201);
    },
    LIMIT_MS,
  );
});
