/** Tunnels over the agent API (reference.md 3.2, clients.md K-110 to K-130). */
import { describe, expect, test } from "bun:test";
import { AgentStopped } from "../../../src/agent/agent.ts";
import { DuplicateTunnel } from "../../../src/agent/tunnel-set.ts";
import { ProtocolError, PublicError } from "../../../src/base/errors.ts";
import type { TunnelDefinition } from "../../../src/model/tunnel-definition.ts";
import { RemoteError } from "../../../src/protocol/rpc/rpc-error.ts";
import { ApiScene } from "../../support/api-scene.ts";
import { quiet } from "../../support/turns.ts";
import { httpTunnel, tcpTunnel, tlsTunnel } from "../../support/tunnel-definitions.ts";

const ZERO = { rate1: 0, rate5: 0, rate15: 0, p50: 0, p90: 0, p95: 0, p99: 0 };

/** What the agent was asked to start. */
function posted(): { readonly scene: ApiScene; readonly definitions: TunnelDefinition[] } {
  const definitions: TunnelDefinition[] = [];
  const scene = new ApiScene({
    onStart: (definition) => {
      definitions.push(definition);
      return Promise.resolve();
    },
  });
  return { scene, definitions };
}

describe("GET /api/tunnels", () => {
  test("GET /api/tunnels is compact, ends with a newline, and has an empty list before anything runs", async () => {
    const { status, text, headers } = await new ApiScene({ state: "connecting" }).call("GET", "/api/tunnels");
    expect([status, text]).toEqual([200, '{"tunnels":[],"uri":"/api/tunnels"}\n']);
    expect(headers.get("Content-Type")).toBe("application/json");
  });

  test("GET /api/tunnels shows a pair by its names, with every number", async () => {
    const scene = new ApiScene();
    scene.run(httpTunnel({ name: "command_line", schemes: ["http", "https"], upstream: 80 }));
    const { json, text } = await scene.call("GET", "/api/tunnels");
    const common = {
      ID: "0d5b2f7c8e6a4f1b9c3d7e8f0a1b2c3d",
      config: { addr: "http://localhost:80", inspect: true },
      metrics: {
        conns: { count: 0, gauge: 0, ...ZERO, bytes_in: 0, bytes_out: 0 },
        http: { count: 0, ...ZERO },
      },
    };
    expect(json).toEqual({
      uri: "/api/tunnels",
      tunnels: [
        {
          ...common,
          name: "command_line",
          uri: "/api/tunnels/command_line",
          public_url: "https://d95211d2.edge.test",
          proto: "https",
        },
        {
          ...common,
          name: "command_line (http)",
          uri: "/api/tunnels/command_line%20%28http%29",
          public_url: "http://d95211d2.edge.test",
          proto: "http",
        },
      ],
    });
    expect(text).toMatch(/"public_url":"https:[^"]*","proto":"https"/);
  });

  test.each([
    ["tcp", tcpTunnel({ upstream: 22 }), "tcp", "localhost:22"],
    ["tls on port 443", tlsTunnel({ upstream: 443 }), "tls", "tls://localhost:443"],
    ["tls elsewhere", tlsTunnel({ upstream: 80 }), "tls", "localhost:80"],
  ])("GET /api/tunnels shows %s with its address, not inspected", async (_, definition, proto, addr) => {
    const scene = new ApiScene();
    scene.run(definition);
    const { json } = await scene.call("GET", "/api/tunnels/web");
    expect(json).toMatchObject({ proto, config: { addr, inspect: false } });
  });

  test("GET /api/tunnels is also found without the prefix", async () => {
    const scene = new ApiScene();
    scene.run(tcpTunnel({ name: "ssh" }));
    expect(await scene.call("GET", "/tunnels")).toMatchObject({ json: { tunnels: [{ name: "ssh" }] } });
    expect(await scene.call("GET", "/tunnels/ssh")).toMatchObject({ json: { name: "ssh" } });
  });
});

describe("a tunnel's uri", () => {
  test.each([
    "command_line",
    "web (http)",
    "http-http://localhost:8080-9f",
    "http-file:///srv/my site-1",
    "50%",
    "a%2Fb",
    "ä ö",
    "a+b",
    "tunnel (1)",
    "x?y=1#z",
    "it's!",
  ])("a tunnel's uri leads to the tunnel of the name %p, and stops it", async (name) => {
    const scene = new ApiScene();
    scene.run(tcpTunnel({ name }));
    scene.run(tcpTunnel({ name: "other" }));
    const list = await scene.call("GET", "/api/tunnels");
    const { tunnels } = list.json as { tunnels: readonly { name: string; uri: string }[] }; // as asserted above
    const uri = tunnels.find((tunnel) => tunnel.name === name)?.uri ?? "";
    expect(uri).toMatch(/^\/api\/tunnels\/[A-Za-z0-9_.~%-]+$/);
    expect(await scene.call("GET", uri)).toMatchObject({ status: 200, json: { name, uri } });
    expect(await scene.call("DELETE", uri, {})).toMatchObject({ status: 204, text: "" });
    expect(await scene.call("DELETE", uri)).toMatchObject({ status: 404 });
    expect(scene.tunnels.map((tunnel) => tunnel.name)).toEqual(["other"]);
  });

  test.each(["/api/tunnels/web%20(http)", "/api/tunnels/web+%28http%29", "/tunnels/web+(http)"])(
    "a tunnel's uri may be written as %s",
    async (path) => {
      const scene = new ApiScene();
      scene.run(httpTunnel({ schemes: ["http", "https"] }));
      expect(await scene.call("GET", path)).toMatchObject({ status: 200, json: { name: "web (http)" } });
    },
  );

  test("a tunnel's uri with a plus means the tunnel that has one before any with a space", async () => {
    const scene = new ApiScene();
    for (const name of ["a b", "a+b"]) scene.run(tcpTunnel({ name }));
    expect(await scene.call("GET", "/api/tunnels/a+b")).toMatchObject({ json: { name: "a+b" } });
  });

  test("DELETE of a tunnel stops one half of a pair only", async () => {
    const scene = new ApiScene();
    scene.run(httpTunnel({ schemes: ["http", "https"] }));
    expect((await scene.call("DELETE", "/api/tunnels/web")).status).toBe(204);
    expect(scene.tunnels.map(({ name }) => name)).toEqual(["web (http)"]);
  });

  test("GET of a tunnel that is not there tells the path, a number and a text", async () => {
    expect(await new ApiScene().call("GET", "/api/tunnels/x")).toMatchObject({
      status: 404,
      json: {
        error_code: 100,
        status_code: 404,
        msg: "Not Found",
        details: { path: "/api/tunnels/x", err: 'tunnel "x" is not running' },
      },
    });
  });
});

describe("POST /api/tunnels", () => {
  test.each([
    ["a port as a number", { proto: "http", addr: 8000 }, { proto: "http", schemes: ["https"] }],
    ["a port as text", { proto: "tcp", addr: "22" }, { proto: "tcp", upstream: { port: 22 } }],
    ["a URL", { proto: "http", addr: "http://localhost:8000" }, { upstream: { scheme: "http", port: 8000 } }],
    ["a subdomain", { proto: "http", addr: 80, subdomain: "me" }, { host: { kind: "subdomain", label: "me" } }],
    ["both schemes", { proto: "http", addr: 80, schemes: ["http", "https"] }, { schemes: ["http", "https"] }],
    ["bind_tls as a word", { proto: "http", addr: 80, bind_tls: "both" }, { schemes: ["http", "https"] }],
    ["bind_tls as a boolean", { proto: "http", addr: 80, bind_tls: false }, { schemes: ["http"] }],
    ["bind_tls as a boolean's text", { proto: "http", addr: 80, bind_tls: "true" }, { schemes: ["https"] }],
    ["one credential", { proto: "http", addr: 80, auth: "u:p" }, { basicAuth: ["u:p"] }],
    ["a credential by a wrapper's old name", { proto: "http", addr: 80, httpauth: "u:p" }, { basicAuth: ["u:p"] }],
    ["credentials", { proto: "http", addr: 80, basic_auth: ["u:password"] }, { basicAuth: ["u:password"] }],
    ["no inspection", { proto: "http", addr: 80, inspect: "false" }, { inspect: false }],
    ["nulls for what is not wanted", { proto: "http", addr: 80, subdomain: null, labels: null }, { proto: "http" }],
    [
      "what belongs to a wrapper",
      {
        proto: "http",
        addr: 80,
        authtoken: "t",
        configPath: "c",
        binPath: "b",
        port: 4040,
        host: "h",
        region: "us",
        path: "p",
        web_addr: "w",
        tunnelName: "n",
      },
      { proto: "http" },
    ],
  ])("POST /api/tunnels takes %s", async (_, body, wanted) => {
    const { scene, definitions } = posted();
    const { status, json } = await scene.call("POST", "/api/tunnels", { name: "web", ...body });
    expect([status, json]).toEqual([201, expect.objectContaining({ name: "web", uri: "/api/tunnels/web" })]);
    expect(definitions).toEqual([expect.objectContaining({ name: "web" })]);
    expect(definitions[0]).toMatchObject(wanted);
  });

  test("POST /api/tunnels answers the https one of a pair", async () => {
    const { scene } = posted();
    const body = { name: "web", proto: "http", addr: 80, bind_tls: "both" };
    expect(await scene.call("POST", "/api/tunnels", body)).toMatchObject({ json: { name: "web", proto: "https" } });
    expect(scene.tunnels.map(({ name }) => name)).toEqual(["web", "web (http)"]);
  });

  test.each([{}, { name: "" }, { name: null }])("POST /api/tunnels with %p gives a name", async (name) => {
    const { scene } = posted();
    const { json } = await scene.call("POST", "/api/tunnels", { ...name, proto: "tcp", addr: 22 });
    expect(json).toMatchObject({ name: expect.stringMatching(/^[0-9a-f]{16}$/) });
  });

  test.each([
    ["an unknown key", { proto: "http", addr: 80, subdomian: "x" }, ["subdomian not found", "did you mean subdomain?"]],
    ["an unknown protocol", { proto: "gopher", addr: 80 }, ["protocol name", "http, tcp, tls"]],
    ["no protocol", { addr: 80 }, ["field proto is missing"]],
    ["no address", { proto: "http" }, ["field addr is missing"]],
    ["a wrong type", { proto: "http", addr: { port: 80 } }, ["field addr", "a map"]],
    ["a wrong word", { proto: "http", addr: 80, bind_tls: "maybe" }, ["field bind_tls"]],
    ["a key of another protocol", { proto: "tcp", addr: 80, subdomain: "x" }, ["subdomain"]],
    ["labels", { addr: 80, labels: ["a=b"] }, ["labels"]],
    ["an invalid network", { proto: "http", addr: 80, ip_restriction: { allow_cidrs: ["x"] } }, ["ip_restriction"]],
    ["what is not built yet", { proto: "http", addr: 80, oauth: { provider: "x" } }, ["oauth"]],
    ["a name that is no text", { name: ["x"], proto: "http", addr: 80 }, ["field name"]],
    ["a name without end", { name: "x".repeat(4_097), proto: "http", addr: 80 }, ["field name"]],
    ["a short password", { proto: "http", addr: 80, basic_auth: ["u:p"] }, ["ERR_NGROK_360"]],
  ] as const)("POST /api/tunnels refuses %s", async (_, body, words) => {
    const { scene, definitions } = posted();
    const { status, json } = await scene.call("POST", "/api/tunnels", { name: "web", ...body });
    expect(status).toBe(400);
    expect(json).toMatchObject({ error_code: 102, status_code: 400, msg: "invalid tunnel configuration" });
    expect(words.filter((word) => !JSON.stringify(json).includes(word))).toEqual([]);
    expect(definitions).toEqual([]);
  });

  test.each([
    [
      "a name that runs",
      () => new DuplicateTunnel("web"),
      400,
      { error_code: 102, details: { err: expect.stringContaining('tunnel "web" already exists') } },
    ],
    [
      "a refusal of the edge",
      () => new RemoteError("https://x is already bound to another tunnel session", "ERR_NGROK_334"),
      502,
      {
        error_code: 103,
        msg: "failed to start tunnel",
        details: { err: "https://x is already bound to another tunnel session\r\n\r\nERR_NGROK_334\r\n" },
      },
    ],
    ["an edge that talks nonsense", () => new ProtocolError("nonsense"), 502, { details: { err: "nonsense" } }],
    ["the end of the agent", () => new AgentStopped("stopped"), 502, { details: { err: "session closed" } }],
    ["a fault of ours", () => new TypeError("x is undefined"), 500, { error_code: 109, msg: "internal error" }],
    [
      "a fault of the catalogue",
      () => new PublicError("ERR_NGROK_359", {}),
      500,
      { details: { err: "the agent's log says more" } },
    ],
  ])("POST /api/tunnels tells %s", async (_, failure, status, body) => {
    const scene = new ApiScene({ onStart: () => Promise.reject(failure()) });
    const answer = await scene.call("POST", "/api/tunnels", { name: "web", proto: "http", addr: 80 });
    expect(answer).toMatchObject({ status, json: { status_code: status, ...body } });
    expect(answer.headers.get("Content-Type")).toBe("application/json");
  });

  test.each([
    [
      "connecting",
      503,
      {
        error_code: 104,
        msg: "ngrok is not yet ready to start tunnels",
        details: { err: "a successful ngrok tunnel session has not yet been established" },
      },
    ],
    [
      "reconnecting",
      502,
      { error_code: 103, msg: "failed to start tunnel", details: { err: "tunnel session not ready yet" } },
    ],
  ] as const)(
    "POST /api/tunnels while %s starts nothing, and says so in words to wait for",
    async (state, status, body) => {
      const { scene, definitions } = posted();
      scene.status = { ...scene.status, state };
      const answer = await scene.call("POST", "/api/tunnels", { name: "web", proto: "http", addr: 80 });
      expect(answer).toMatchObject({ status, json: { status_code: status, ...body } });
      expect(definitions).toEqual([]);
    },
  );

  test("POST /api/tunnels of an agent that was refused for good tells why, and not to wait (clients.md K-038)", async () => {
    const refusal = new RemoteError("authentication failed: unknown", "ERR_NGROK_107");
    const scene = new ApiScene({ onStart: () => Promise.reject(refusal) });
    scene.status = { ...scene.status, state: "offline" };
    const { status, json } = await scene.call("POST", "/api/tunnels", { name: "web", proto: "http", addr: 80 });
    expect([status, json]).toMatchObject([
      502,
      { error_code: 103, details: { err: expect.stringContaining("ERR_NGROK_107") } },
    ]);
  });

  test("POST /api/tunnels does not wait for ever, and stops what starts too late", async () => {
    const accepted = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const scene = new ApiScene({
      onStart: () => {
        asked.resolve();
        return accepted.promise;
      },
    });
    const calling = scene.call("POST", "/api/tunnels", { name: "web", proto: "http", addr: 80 });
    await asked.promise;
    scene.clock.advance(3_500);
    expect(await calling).toMatchObject({ status: 502, json: { details: { err: "tunnel session not ready yet" } } });
    accepted.resolve();
    await quiet();
    expect(scene.tunnels).toEqual([]);
    expect(scene.clock.pending).toBe(0);
  });

  test("POST /api/tunnels leaves no timer behind", async () => {
    const { scene } = posted();
    await scene.call("POST", "/api/tunnels", { proto: "http", addr: 80 });
    expect(scene.clock.pending).toBe(0);
  });
});
