/** The agent about itself: status, configuration, description (reference.md 3.5, clients.md K-134). */
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { configSchema } from "../../../src/agent/api/config-view.ts";
import { statusSchema } from "../../../src/agent/api/status-view.ts";
import { ApiScene } from "../../support/api-scene.ts";

const SECRETS = `
authtoken: 209d4409e9c153d45511591595998744a7a4461a1c3d99e3
api_key: "a-very-secret-key-of-the-api"
server_addr: edge.test:443
proxy_url: http://ann:proxy-password@proxy.test:3128
log: agent.log
metadata: '{"customer": "a-secret-customer"}'
tunnels:
  web: { proto: http, addr: 80, basic_auth: ["ann:tunnel-password"] }
`;

test.each(["/api", "/api/"])("GET %s lists what there is", async (path) => {
  expect(await new ApiScene().call("GET", path)).toMatchObject({
    status: 200,
    json: {
      uri: "/api",
      tunnels_uri: "/api/tunnels",
      endpoints_uri: "/api/endpoints",
      requests_uri: "/api/requests/http",
      status_uri: "/api/status",
    },
  });
});

describe("GET /api/status", () => {
  test("GET /api/status has the published shape, and the version that wrappers compare", async () => {
    const scene = new ApiScene();
    scene.clock.advance(83_400);
    const { json } = await scene.call("GET", "/api/status");
    expect(json).toEqual({
      status: "online",
      agent_version: expect.stringMatching(/^3\.\d+\.\d+$/),
      session: { legs: [{ region: "eu", latency: "87ms", state: "online", reason: null }] },
      uri: "/api/status",
      uptime: "1m23s",
      ginnel_version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
    expect(statusSchema.strict().parse(json)).toBeDefined();
  });

  test.each([
    [87.0412, "87ms"],
    [0.26, "300µs"],
    [undefined, "0s"],
  ])("GET /api/status writes a latency of %p ms as %p", async (latencyMs, text) => {
    const scene = new ApiScene();
    scene.status = { ...scene.status, latencyMs };
    expect(await scene.call("GET", "/api/status")).toMatchObject({ json: { session: { legs: [{ latency: text }] } } });
  });

  test("GET /api/status tells why there is no session", async () => {
    const scene = new ApiScene();
    scene.status = { ...scene.status, state: "reconnecting", reason: "connection lost" };
    expect(await scene.call("GET", "/api/status")).toMatchObject({
      json: { status: "reconnecting", session: { legs: [{ reason: "connection lost" }] } },
    });
  });
});

test("GET /api/config shows no secret", async () => {
  const { json, text } = await new ApiScene({ config: SECRETS }).call("GET", "/api/config");
  expect(configSchema.strict().parse(json)).toMatchObject({
    authtoken: "209d…",
    connect_url: "edge.test:443",
    proxy_url: "http://proxy.test:3128",
    web_addr: "127.0.0.1:4040",
    inspect_db_size: 50_000_000,
    log: "agent.log",
    metadata: "…",
    tunnels: ["web"],
  });
  expect(text).not.toMatch(/209d4|secret|password|ann/);
});

test("GET /api/config says when there is no metadata", async () => {
  expect(await new ApiScene().call("GET", "/api/config")).toMatchObject({ json: { metadata: null } });
});

test("GET /metrics is text for Prometheus", async () => {
  const { headers, text } = await new ApiScene().call("GET", "/metrics");
  expect([headers.get("Content-Type"), text]).toEqual([
    "text/plain; version=0.0.4; charset=utf-8",
    "ginnel_build_info 1\n",
  ]);
});

describe("GET /api/openapi.json", () => {
  const documentSchema = z.object({
    openapi: z.literal("3.1.0"),
    paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  });
  const operationSchema = z.object({
    summary: z.string(),
    responses: z.record(z.string(), z.object({ description: z.string() })),
  });

  test("GET /api/openapi.json describes every call that there is, and no other", async () => {
    const scene = new ApiScene();
    const { paths } = documentSchema.parse((await scene.call("GET", "/api/openapi.json")).json);
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        "/api/tunnels/{name}",
        "/api/requests/http/{id}/raw/request",
        "/metrics",
        "/api/openapi.json",
      ]),
    );
    for (const [path, { parameters, ...operations }] of Object.entries(paths)) {
      expect(parameters !== undefined).toBe(path.includes("{"));
      const real = path.replace(/\{\w+\}/, "x");
      const refused = await scene.call("PATCH", real, {});
      const methods = Object.keys(operations).map((method) => method.toUpperCase());
      expect(
        refused.headers
          .get("Allow")
          ?.split(", ")
          .filter((method) => method !== "HEAD"),
      ).toEqual(methods);
      for (const operation of Object.values(operations))
        expect(operationSchema.safeParse(operation).success).toBe(true);
    }
  });

  test("GET /api/openapi.json has the keys of definitions from the reader that takes them", async () => {
    const { json } = await new ApiScene().call("GET", "/api/openapi.json");
    expect(json).toMatchObject({
      paths: {
        "/api/tunnels": {
          post: {
            requestBody: {
              content: {
                "application/json": {
                  schema: {
                    type: "object",
                    additionalProperties: false,
                    properties: {
                      name: { type: "string" },
                      addr: { anyOf: [{ type: "string" }, { type: "integer" }] },
                      schemes: { type: "array" },
                    },
                  },
                },
              },
            },
          },
        },
        "/api/endpoints": {
          post: {
            requestBody: {
              content: { "application/json": { schema: { properties: { upstream: { anyOf: expect.anything() } } } } },
            },
          },
        },
        "/api/requests/http": {
          get: {
            parameters: [{ name: "limit", in: "query" }, { name: "tunnel_name" }, { name: "ids" }, { name: "view" }],
          },
        },
      },
    });
  });
});
