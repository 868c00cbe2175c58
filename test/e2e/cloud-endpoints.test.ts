/** A cloud endpoint in front of an agent, over store, API and edge, with curl as the visitor. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import type { AgentProcess } from "../support/agent-process.ts";
import { curl } from "../support/curl.ts";
import { ManagedEdge } from "../support/managed-edge.ts";
import { type Place, START_MS } from "../support/tunnel-system.ts";

const UPSTREAM_SAYS = "from the upstream";

let edge: ManagedEdge;
let agent: AgentProcess;
let upstream: Bun.Server<undefined>;
const seen: { readonly path: string; readonly headers: object }[] = [];

beforeAll(async () => {
  upstream = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ url, headers }) => {
      seen.push({ path: new URL(url).pathname, headers: Object.fromEntries(headers) });
      return new Response(UPSTREAM_SAYS);
    },
  });
  edge = await ManagedEdge.open();
  const tunnels = { api: { proto: "http", addr: upstream.port, url: "https://api.internal", bindings: ["internal"] } };
  agent = await edge.startAgent({ tunnels }, ["--all"]);
  await agent.log.find((line) => (line.includes("started tunnel") ? true : undefined));
}, START_MS);

afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await edge[Symbol.asyncDispose]();
  await upstream.stop(true);
});

function place(host: string): Place {
  return { scheme: "https", host, port: edge.ports.https, authority: `${host}:${edge.ports.https}`, caPem: edge.caPem };
}

const forward = (url: string): string =>
  `on_http_request:
     - actions:
         - type: add-headers
           config: { headers: { x-from: cloud } }
         - type: forward-internal
           config: { url: ${url} }`;

/** `STATUS BODY` */
async function says(host: string, path = "/"): Promise<string> {
  const { code, stdout } = await curl(place(host), path, "-w", " %{http_code}");
  return code === 0 ? stdout : `curl ${code}`;
}

describe("a cloud endpoint in front of an agent", () => {
  test("forwards to it, says something else when its policy is changed, and is gone when it is deleted", async () => {
    const made = await edge.call("POST", "/endpoints", {
      url: "https://front.e.test",
      type: "cloud",
      bindings: ["public"],
      traffic_policy: forward("https://api.internal"),
    });
    expect(made.status).toBe(201);
    const { id } = z.object({ id: z.string() }).parse(made.json);
    expect(await says("front.e.test", "/deep?q=1")).toBe(`${UPSTREAM_SAYS} 200`);
    expect(seen.at(-1)).toMatchObject({
      path: "/deep",
      headers: {
        host: place("front.e.test").authority,
        "x-from": "cloud",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "https",
      },
    });

    const traffic_policy =
      "on_http_request: [{actions: [{type: custom-response, config: {status_code: 418, body: tea}}]}]";
    await edge.call("PATCH", `/endpoints/${id}`, { traffic_policy });
    expect(await says("front.e.test")).toBe("tea 418");
    expect((await edge.call("DELETE", `/endpoints/${id}`)).status).toBe(204);
    expect(await says("front.e.test")).toEndWith(" 404");
  });

  test("of another account does not find it", async () => {
    const { other } = edge.scene;
    await edge.scene.create(
      "endpoints",
      { url: "https://thief.e.test", traffic_policy: forward("https://api.internal") },
      other,
    );
    const before = seen.length;
    const answer = await says("thief.e.test");
    expect(answer).toContain("What this endpoint forwards to is not online");
    expect(answer).not.toContain("api.internal");
    expect(answer).toEndWith(" 502");
    expect(seen).toHaveLength(before);
  });

  test("keeps visitors off its internal name, which the account sees in its list", async () => {
    expect(await says("api.internal")).toMatch(/^curl \d+$/);
    const { json } = await edge.call("GET", "/endpoints");
    expect(json["endpoints"]).toContainEqual(
      expect.objectContaining({ url: "https://api.internal", bindings: ["internal"], type: "ephemeral" }),
    );
  });
});
