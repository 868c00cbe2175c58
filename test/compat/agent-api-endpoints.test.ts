/** The agent API in the words of configuration version 3 (clients.md section 7, rows by number). */
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
  test("the agent API meets K-128: endpoints and tunnels are two views of the same", async () => {
    const body = { name: "end", url: `http://api-end.${EDGE_DOMAIN}`, upstream: { url: String(agent.upstreamPort) } };
    const posted = await agent.call("POST", "/api/endpoints", body);
    const url = `http://api-end.${EDGE_DOMAIN}:${agent.edge.ports.http}`;
    expect([posted.status, JSON.parse(posted.text)]).toMatchObject([
      201,
      {
        name: "end",
        uri: "/api/endpoints/end",
        url,
        public_url: url,
        proto: "http",
        config: { addr: `http://localhost:${agent.upstreamPort}` },
        upstream: { url: `http://localhost:${agent.upstreamPort}`, protocol: "http1" },
        metrics: { conns: { count: 0 }, http: { count: 0 } },
        pooling_enabled: false,
      },
    ]);
    const { id, ID } = JSON.parse(posted.text);
    expect(id).toBe(ID);
    expect((await agent.visit(url)).status).toBe(200);
    const { endpoints } = await agent.json("GET", "/api/endpoints");
    expect(endpoints).toHaveLength(1);
    expect(await agent.json("GET", "/api/tunnels/end")).toMatchObject({ ID, public_url: url, uri: "/api/tunnels/end" });
    expect((await agent.call("DELETE", "/api/endpoints/end")).status).toBe(204);
    expect((await agent.json("GET", "/api/tunnels")).tunnels).toEqual([]);
  });

  test.each([
    ["http", { upstream: { url: "http://localhost:80" } }, "https://"],
    ["tcp", { url: "tcp://", inspect: false, upstream: { url: "localhost:22" } }, "tcp://"],
    ["tls", { url: "tls://", inspect: false, upstream: { url: "localhost:443" } }, "tls://"],
  ])("the agent API meets K-128: what the wrapper posts for %s in version 3", async (_, body, url) => {
    const { status, text } = await agent.call("POST", "/api/endpoints", { name: "v3", ...body });
    expect([status, JSON.parse(text).public_url]).toEqual([201, expect.stringMatching(new RegExp(`^${url}`))]);
  });
});
