/** The same tunnels as endpoints of configuration version 3 (reference.md 3.6, clients.md K-128). */
import { describe, expect, test } from "bun:test";
import type { TunnelDefinition } from "../../../src/model/tunnel-definition.ts";
import { RemoteError } from "../../../src/protocol/rpc/rpc-error.ts";
import { ApiScene } from "../../support/api-scene.ts";
import { httpTunnel, tcpTunnel } from "../../support/tunnel-definitions.ts";

const LIST = "/api/endpoints";
const MINIMAL = { name: "n", url: "https://app.edge.test", upstream: { url: "8001" } };

describe("GET /api/endpoints", () => {
  test("GET /api/endpoints is empty at first", async () => {
    expect(await new ApiScene().call("GET", LIST)).toMatchObject({
      status: 200,
      text: '{"endpoints":[],"uri":"/api/endpoints"}\n',
    });
  });

  test("GET /api/endpoints shows what readers of either view look for", async () => {
    const scene = new ApiScene();
    scene.run(httpTunnel({ name: "web (a)", description: "d", metadata: "m" }));
    const url = "https://d95211d2.edge.test";
    const endpoint = {
      name: "web (a)",
      id: "0d5b2f7c8e6a4f1b9c3d7e8f0a1b2c3d",
      ID: "0d5b2f7c8e6a4f1b9c3d7e8f0a1b2c3d",
      uri: `${LIST}/web%20%28a%29`,
      url,
      public_url: url,
      proto: "https",
      upstream: { url: "http://localhost:8080", protocol: "http1" },
      config: { addr: "http://localhost:8080", inspect: true },
      inspect: true,
      bindings: ["public"],
      pooling_enabled: false,
      traffic_policy: "",
      description: "d",
      metadata: "m",
      metrics: { conns: { count: 0, gauge: 0 }, http: { count: 0 } },
    };
    expect(await scene.call("GET", LIST)).toMatchObject({ json: { uri: LIST, endpoints: [endpoint] } });
    expect(await scene.call("GET", endpoint.uri)).toMatchObject({ status: 200, json: endpoint });
    expect(await scene.call("GET", "/api/tunnels")).toMatchObject({ json: { tunnels: [{ name: "web (a)" }] } });
  });

  test("GET /api/endpoints shows the traffic policy as the edge got it", async () => {
    const scene = new ApiScene();
    const text = "on_http_request:\n  - actions: [{ type: deny }]\n";
    scene.run(httpTunnel({ modules: { trafficPolicy: { kind: "text", text } } }));
    expect(await scene.call("GET", `${LIST}/web`)).toMatchObject({ json: { traffic_policy: text } });
  });

  test("GET /api/endpoints names no protocol of HTTP for tcp", async () => {
    const scene = new ApiScene();
    scene.run(tcpTunnel());
    expect(await scene.call("GET", `${LIST}/web`)).toMatchObject({ json: { upstream: { url: "localhost:22" } } });
    expect((await scene.call("GET", `${LIST}/web`)).text).not.toContain('"protocol"');
  });
});

describe("POST /api/endpoints", () => {
  test.each([
    [
      "the least there is",
      MINIMAL,
      { proto: "http", schemes: ["https"], host: { kind: "host", host: "app.edge.test" } },
    ],
    ["a number as upstream", { ...MINIMAL, upstream: { url: 8001 } }, { upstream: { port: 8001 } }],
    ["no URL", { name: "n", upstream: { url: "8001" } }, { host: { kind: "random" }, schemes: ["https"] }],
    ["a tcp URL", { ...MINIMAL, url: "tcp://" }, { proto: "tcp" }],
    [
      "the published sample's protocol",
      { ...MINIMAL, upstream: { url: "8001", protocol: "https" } },
      { proto: "http" },
    ],
    [
      "nulls and a wrapper's options",
      { ...MINIMAL, metadata: null, authtoken: "t", bindings: ["public"] },
      { metadata: "" },
    ],
  ])("POST /api/endpoints takes %s", async (_, body, wanted) => {
    const definitions: TunnelDefinition[] = [];
    const scene = new ApiScene({
      onStart: (definition) => {
        definitions.push(definition);
        return Promise.resolve();
      },
    });
    expect(await scene.call("POST", LIST, body)).toMatchObject({ status: 201, json: { name: "n", uri: `${LIST}/n` } });
    expect(definitions[0]).toMatchObject({ name: "n", ...wanted });
  });

  test.each([
    ["an unknown key", { ...MINIMAL, upstraem: {} }, "did you mean upstream?"],
    ["no upstream", { name: "n", url: "https://app.edge.test" }, "upstream.url is missing"],
    ["an unknown scheme", { ...MINIMAL, url: "gopher://x" }, "field url"],
    ["what is not built yet", { ...MINIMAL, bindings: ["internal"] }, "bindings: internal"],
    [
      "a protocol that is none",
      { ...MINIMAL, upstream: { url: "8001", protocol: "http2" }, url: "tcp://" },
      "protocol",
    ],
    ["a policy from a URL that is not safe", { ...MINIMAL, traffic_policy_url: "http://x" }, "traffic_policy_url"],
  ])("POST /api/endpoints refuses %s", async (_, body, word) => {
    expect(await new ApiScene().call("POST", LIST, body)).toMatchObject({
      status: 400,
      json: { error_code: 102, details: { err: expect.stringContaining(word) } },
    });
  });
});

describe("PUT of an endpoint", () => {
  const wanted = { url: "https://app.edge.test", upstream: { url: "9000" } };

  test("PUT of an endpoint that is not there starts it", async () => {
    const scene = new ApiScene();
    expect(await scene.call("PUT", `${LIST}/a%2Fb`, wanted)).toMatchObject({ status: 201, json: { name: "a/b" } });
  });

  test("PUT of an endpoint that runs puts another in its place", async () => {
    const scene = new ApiScene();
    scene.run(httpTunnel({ upstream: 8000 }));
    expect(await scene.call("PUT", `${LIST}/web`, { name: "web", ...wanted })).toMatchObject({
      status: 200,
      json: { name: "web", upstream: { url: "http://localhost:9000" } },
    });
    expect(scene.tunnels).toHaveLength(1);
  });

  test("PUT of an endpoint that cannot be started leaves the former one", async () => {
    const scene = new ApiScene({
      onStart: ({ upstream }) =>
        upstream.kind === "network" && upstream.port === 9000
          ? Promise.reject(new RemoteError("in use", "ERR_NGROK_334"))
          : Promise.resolve(),
    });
    scene.run(httpTunnel({ upstream: 8000 }));
    expect(await scene.call("PUT", `${LIST}/web`, wanted)).toMatchObject({ status: 502, json: { error_code: 103 } });
    expect(scene.tunnels).toMatchObject([{ name: "web", address: "http://localhost:8000" }]);
  });

  test("PUT of an endpoint without a session leaves the former one", async () => {
    const scene = new ApiScene({ state: "reconnecting" });
    scene.run(httpTunnel({ upstream: 8000 }));
    expect(await scene.call("PUT", `${LIST}/web`, wanted)).toMatchObject({ status: 502 });
    expect(scene.tunnels).toMatchObject([{ address: "http://localhost:8000" }]);
  });

  test("PUT of one half of a pair that fails brings that half back, at its host", async () => {
    const asked: TunnelDefinition[] = [];
    const scene = new ApiScene({
      onStart: (definition) => {
        asked.push(definition);
        return asked.length === 1 ? Promise.reject(new RemoteError("in use", "ERR_NGROK_334")) : Promise.resolve();
      },
    });
    scene.run(httpTunnel({ schemes: ["http", "https"] }));
    expect(await scene.call("PUT", `${LIST}/web%20(http)`, wanted)).toMatchObject({ status: 502 });
    expect(asked[1]).toMatchObject({ schemes: ["http"], host: { kind: "host", host: "d95211d2.edge.test" } });
    expect(scene.tunnels.map(({ name }) => name)).toEqual(["web", "web (http)"]);
  });

  test.each([
    ["another name", { name: "other", ...wanted }],
    ["a fault", { ...wanted, upstream: { url: "x:y" } }],
  ])("PUT of an endpoint with %s changes nothing", async (_, body) => {
    const scene = new ApiScene();
    scene.run(httpTunnel({ upstream: 8000 }));
    expect(await scene.call("PUT", `${LIST}/web`, body)).toMatchObject({ status: 400, json: { error_code: 102 } });
    expect(scene.tunnels).toMatchObject([{ address: "http://localhost:8000" }]);
  });
});

test("DELETE of an endpoint stops it", async () => {
  const scene = new ApiScene();
  scene.run(httpTunnel());
  expect(await scene.call("DELETE", `${LIST}/web`)).toMatchObject({ status: 204, text: "" });
  expect(await scene.call("DELETE", `${LIST}/web`)).toMatchObject({
    status: 404,
    json: { details: { path: `${LIST}/web` } },
  });
});
