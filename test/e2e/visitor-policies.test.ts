/** What an edge does with visitors because a tunnel asked for it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { curl } from "../support/curl.ts";
import { LAYOUTS, START_MS, TunnelSystem } from "../support/tunnel-system.ts";

const KEY = "a secret of ours";
const sign = (body: string): string => `sha256=${createHmac("sha256", KEY).update(body).digest("hex")}`;
const POLICY = {
  on_http_request: [
    { actions: [{ type: "url-rewrite", config: { from: "/old/(.*)$", to: "/new/$1" } }] },
    { actions: [{ type: "add-headers", config: { headers: { "x-policy": "yes" } } }] },
  ],
};
const END = {
  on_http_request: [{ actions: [{ type: "custom-response", config: { status_code: 418, body: "no tea" } }] }],
};

describe.each(LAYOUTS)("Through %s", (layout) => {
  let upstream: Bun.Server<undefined>;
  let system: TunnelSystem;
  let asked = 0;
  beforeAll(async () => {
    upstream = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        asked += 1;
        const { pathname } = new URL(request.url);
        if (pathname === "/fail") return new Response("no", { status: 500 });
        const seen = [request.method, pathname, request.headers.get("x-policy"), await request.text()];
        return new Response(`${seen.join(" ")} ${"text ".repeat(100)}`, { headers: { "X-Server": "secret" } });
      },
    });
    const addr = upstream.port ?? 0;
    system = await TunnelSystem.start(layout, {
      near: { addr, ip_restriction: { allow_cidrs: ["127.0.0.0/8", "::1/128"] } },
      far: { addr, ip_restriction: { allow_cidrs: ["192.0.2.0/24"] }, basic_auth: ["ann:first-password"] },
      agents: { addr, user_agent_filter: { deny: ["(?i)^CURL/"] } },
      small: { addr, compression: true, response_header: { add: ["X-Via: edge"], remove: ["X-Server"] } },
      hooks: { addr, verify_webhook: { provider: "github", secret: KEY } },
      dated: { addr, verify_webhook: { provider: "slack", secret: KEY } },
      rules: { addr, traffic_policy: POLICY },
      ends: { addr, traffic_policy: END },
      fails: { addr, circuit_breaker: 0.5 },
    });
  }, START_MS);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await upstream.stop(true);
  });

  test("a visitor of an allowed network is let in", async () => {
    expect((await curl(system.place("near", "https"), "/x")).stdout).toStartWith("GET /x ");
  });

  test.each([
    ["another network", "far", "403 Forbidden", "ERR_NGROK_3205"],
    ["a program that is denied", "agents", "403 Forbidden", "ERR_NGROK_3211"],
    ["a webhook without a signature", "hooks", "403 Forbidden", "ERR_NGROK_3204"],
  ])("a visitor with %s reaches nobody", async (_, name, status, code) => {
    const before = asked;
    const { stdout } = await curl(system.place(name, "https"), "/", "-i", "--data-binary", "body");
    expect(stdout).toStartWith(`HTTP/1.1 ${status}\r\n`);
    expect(stdout).toContain(`Ngrok-Error-Code: ${code}\r\n`);
    expect(asked).toBe(before);
  });

  test("a webhook that says when it was signed is let in within five minutes", async () => {
    const body = '{"event":"push"}';
    const sendSigned = async (atMs: number): Promise<string> => {
      const time = String(Math.floor(atMs / 1000));
      const signature = createHmac("sha256", KEY).update(`v0:${time}:${body}`).digest("hex");
      const fields = [`X-Slack-Request-Timestamp: ${time}`, `X-Slack-Signature: v0=${signature}`];
      const signed = fields.flatMap((field) => ["-H", field]);
      return (await curl(system.place("dated", "https"), "/h", "-i", ...signed, "--data-binary", body)).stdout;
    };
    expect(await sendSigned(Date.now())).toContain(`POST /h  ${body}`);
    expect(await sendSigned(Date.now() - 301_000)).toContain("ERR_NGROK_3204");
  });

  test("another program is let in, and a webhook that is signed", async () => {
    expect((await curl(system.place("agents", "http"), "/", "-A", "other")).stdout).toStartWith("GET / ");
    const body = '{"event":"push"}';
    const signed = ["-H", `X-Hub-Signature-256: ${sign(body)}`];
    const hooks = system.place("hooks", "https");
    expect((await curl(hooks, "/h", ...signed, "--data-binary", body)).stdout).toStartWith(`POST /h  ${body}`);
    const chunked = [...signed, "-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue"];
    expect((await curl(hooks, "/h", ...chunked, "--data-binary", body)).stdout).toStartWith(`POST /h  ${body}`);
    expect((await curl(hooks, "/h", "-i", ...signed, "--data-binary", `${body} `)).stdout).toContain("ERR_NGROK_3204");
  });

  test.each(["--http1.1", "--http2"])(
    "a response is compressed and its headers are changed, with %s",
    async (version) => {
      const { stdout } = await curl(system.place("small", "https"), "/", "-i", "--compressed", version);
      const lower = stdout.toLowerCase();
      expect(lower).toContain("content-encoding: gzip\r\n");
      expect(lower).toContain("vary: accept-encoding\r\n");
      expect(lower).toContain("x-via: edge\r\n");
      expect(lower).not.toContain("x-server");
      expect(stdout).toContain("text text text");
      const plain = await curl(system.place("small", "https"), "/", "-i", version);
      expect(plain.stdout.toLowerCase()).not.toContain("content-encoding");
    },
  );

  test("a traffic policy changes requests, or ends them", async () => {
    expect((await curl(system.place("rules", "https"), "/old/a?b=1")).stdout).toStartWith("GET /new/a yes ");
    const { stdout } = await curl(system.place("ends", "http"), "/", "-i");
    expect(stdout).toStartWith("HTTP/1.1 418 ");
    expect(stdout).toEndWith("no tea");
  });

  test("a service that fails is left alone", async () => {
    const fails = system.place("fails", "http");
    for (let i = 0; i < 10; i++) expect((await curl(fails, "/fail", "-i")).stdout).toContain("500 ");
    const before = asked;
    expect((await curl(fails, "/", "-i")).stdout).toContain("Ngrok-Error-Code: ERR_NGROK_3202\r\n");
    expect(asked).toBe(before);
  });
});
