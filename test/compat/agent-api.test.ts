/** How the agent API answers wrappers, its status, and the pages beside it (clients.md section 7, rows by number). */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { CalledAgent } from "../support/called-agent.ts";
import { callApi } from "../support/urllib-call.ts";
import { WrappedAgent } from "../support/wrapped-agent.ts";

const LIMIT_MS = 30_000;
setDefaultTimeout(LIMIT_MS);

let agent: CalledAgent;
beforeAll(async () => {
  agent = await CalledAgent.start();
}, LIMIT_MS);
afterEach(() => agent.clear());
afterAll(() => agent[Symbol.asyncDispose]());

describe("the agent API", () => {
  test("the agent API meets K-110, K-111 and K-113: compact JSON with its type, an empty list that is one", async () => {
    const { status, contentType, text } = await agent.call("GET", "/api/tunnels");
    expect([status, contentType, text]).toEqual([200, "application/json", `{"tunnels":[],"uri":"/api/tunnels"}\n`]);
    await agent.call("POST", "/api/tunnels", agent.definition("web"));
    const list = await agent.call("GET", "/api/tunnels");
    expect(list.text).toMatch(/"public_url":"http:\/\/[0-9a-f.]+[^"]*","proto":"http"/);
  });

  test("the agent API meets K-134: the status of the session", async () => {
    const { status, text } = await agent.call("GET", "/api/status");
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
    const answer = await fetch(`${agent.url}${path}`, { redirect: "manual" });
    expect(answer.status).toBe(status);
    expect(answer.headers.get(header)).toMatch(value);
  });

  test("the agent API meets K-137: HTTP/1.1 over either loopback, one connection for many calls or one for each", async () => {
    const { port } = new URL(agent.url);
    const calls = Array.from({ length: 5 }, () => fetch(`${agent.url}/api/tunnels`).then((answer) => answer.status));
    expect(await Promise.all(calls)).toEqual([200, 200, 200, 200, 200]);
    expect((await callApi(`http://localhost:${port}`, "GET", "/api/tunnels")).status).toBe(200);
    expect((await callApi(`http://[::1]:${port}`, "GET", "/api/tunnels")).status).toBe(200);
  });
});

describe("a published agent API", () => {
  test("a published agent API meets K-136: it shows its status to visitors, and nothing else", async () => {
    await using published = await WrappedAgent.start({ edge: agent.edge, config: `version: "2"\nweb_publish: true\n` });
    const base = await published.ready();
    const own = { name: "own", proto: "http", schemes: ["http"], addr: new URL(base).port, subdomain: "own-web" };
    const { status, text } = await callApi(base, "POST", "/api/tunnels", own);
    expect(status).toBe(201);
    const url = JSON.parse(text).public_url;
    const paths = ["/api/status", "/status", "/api/tunnels", "/api/requests/http", "/inspect/http"];
    const seen = await Promise.all(paths.map(async (path) => (await agent.visit(url, path)).status));
    expect(seen).toEqual([200, 200, 403, 403, 403]);
  });

  test("a published agent API is refused unless it was allowed", async () => {
    const { status, text } = await agent.call(
      "POST",
      "/api/tunnels",
      agent.definition("own", { addr: new URL(agent.url).port }),
    );
    expect([status, JSON.parse(text).details.err]).toEqual([400, expect.stringContaining("web_publish")]);
  });
});
