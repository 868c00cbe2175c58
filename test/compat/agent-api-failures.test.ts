/** What the agent API refuses, in the words that wrappers look for (clients.md section 7, rows by number). */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { CalledAgent } from "../support/called-agent.ts";
import { EdgeProcess } from "../support/edge-process.ts";
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

/** Good but for what a case adds. */
const WISH = { addr: "80", proto: "http", schemes: ["http"] };

describe("the agent API", () => {
  test.each([
    [
      "K-122: a name that runs",
      { ...WISH, name: "taken" },
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
    ["an unknown key", { ...WISH, name: "n", subdomian: "x" }, 400, 102, "invalid tunnel configuration", "subdomian"],
    ["a value of another type", { ...WISH, name: "n", addr: true }, 400, 102, "invalid tunnel configuration", "addr"],
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
      { ...WISH, name: "n", hostname: "www.example.org" },
      502,
      103,
      "failed to start tunnel",
      "ERR_NGROK_319",
    ],
    [
      "K-125: a URL in use",
      { ...WISH, name: "n", subdomain: "api-taken" },
      502,
      103,
      "failed to start tunnel",
      "ERR_NGROK_334",
    ],
    [
      "K-125: a URL in use, in older words",
      { ...WISH, name: "n", subdomain: "api-taken" },
      502,
      103,
      "failed to start tunnel",
      "is already bound to another tunnel session",
    ],
  ])("the agent API meets K-127 and %s", async (_, body, status, code, msg, err) => {
    expect(
      (await agent.call("POST", "/api/tunnels", agent.definition("taken", { subdomain: "api-taken" }))).status,
    ).toBe(201);
    const refused = await agent.call("POST", "/api/tunnels", body);
    expect([refused.status, refused.contentType]).toEqual([status, "application/json"]);
    expect(JSON.parse(refused.text)).toEqual({
      error_code: code,
      status_code: status,
      msg,
      details: { err: expect.stringContaining(err) },
    });
    const { tunnels } = await agent.json("GET", "/api/tunnels");
    expect(tunnels).toHaveLength(1);
  });

  test.each([
    ["GET", "/api/tunnels/nobody"],
    ["DELETE", "/api/tunnels/nobody"],
    ["GET", "/api/requests/http/nobody"],
    ["GET", "/api/endpoints/nobody"],
    ["GET", "/api/nothing"],
  ])("the agent API meets K-127: %s %s is not found, with an error that can be read", async (method, path) => {
    const { status, contentType, text } = await agent.call(method, path);
    expect([status, contentType]).toEqual([404, "application/json"]);
    expect(JSON.parse(text)).toMatchObject({
      error_code: expect.any(Number),
      status_code: 404,
      msg: "Not Found",
      details: { path, err: expect.any(String) },
    });
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
      const refused = await callApi(base, "POST", "/api/tunnels", { ...WISH, name: "web" });
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
      expect((await callApi(base, "POST", "/api/tunnels", { ...WISH, name: "web" })).status).toBe(201);
    },
    LIMIT_MS,
  );
});
