/** Endpoints that want credentials of their visitors. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { AgentProcess } from "../support/agent-process.ts";
import { curl } from "../support/curl.ts";
import { PlayedUpstream } from "../support/played-upstream.ts";
import { rawVisitor } from "../support/raw-end.ts";
import { LAYOUTS, SCHEMES, START_MS, TunnelSystem } from "../support/tunnel-system.ts";

const basic = (pair: string): string => Buffer.from(pair).toString("base64");

describe.each(LAYOUTS)("Through %s", (layout) => {
  let upstream: Bun.Server<undefined>;
  let raw: PlayedUpstream;
  let system: TunnelSystem;
  beforeAll(async () => {
    raw = new PlayedUpstream();
    upstream = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => new Response(`${request.method} with ${request.headers.get("authorization")}`),
    });
    const addr = upstream.port ?? 0;
    system = await TunnelSystem.start(layout, {
      guarded: { addr, basic_auth: ["ann:first-password", "bob:with:colons-in-it", "ümlaut:pässword-x"] },
      raw: { addr: raw.addr, basic_auth: ["ann:first-password"] },
    });
  }, START_MS);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await upstream.stop(true);
    raw[Symbol.dispose]();
  });

  describe.each(SCHEMES)("over %s", (scheme) => {
    test.each([
      ["the first pair", `Basic ${basic("ann:first-password")}`],
      ["a password with colons", `Basic ${basic("bob:with:colons-in-it")}`],
      ["letters beyond ASCII", `Basic ${basic("ümlaut:pässword-x")}`],
      ["the scheme in other letters", `bAsIc ${basic("ann:first-password")}`],
    ])("a visitor with %s is let in, and the upstream sees the header", async (_, authorization) => {
      const { stdout } = await curl(system.place("guarded", scheme), "/", "-H", `Authorization: ${authorization}`);
      expect(stdout).toBe(`GET with ${authorization}`);
    });

    test.each([
      ["nothing", []],
      ["a wrong password", ["-u", "ann:second-password"]],
      ["somebody else's password", ["-u", "ann:with:colons-in-it"]],
      ["an empty pair", ["-u", ":"]],
      ["another scheme", ["-H", `Authorization: Bearer ${basic("ann:first-password")}`]],
      ["no base64", ["-H", "Authorization: Basic ann:first-password"]],
      ["OPTIONS without credentials", ["-X", "OPTIONS"]],
      ["a preflight", ["-X", "OPTIONS", "-H", "Origin: http://a.test", "-H", "Access-Control-Request-Method: PUT"]],
      ["a body", ["--data-binary", "x"]],
    ])("a visitor with %s is asked for credentials", async (_, args) => {
      const { stdout } = await curl(system.place("guarded", scheme), "/", "-i", ...args);
      expect(stdout).toStartWith("HTTP/1.1 401 Unauthorized\r\n");
      expect(stdout).toContain('\r\nWWW-Authenticate: Basic realm="ngrok"\r\n');
      expect(stdout).toEndWith("401 Unauthorized\n");
    });

    test("HEAD is asked for credentials without a body", async () => {
      const { stdout } = await curl(system.place("guarded", scheme), "/", "-I");
      expect(stdout).toStartWith("HTTP/1.1 401 Unauthorized\r\n");
      expect(stdout).toEndWith("\r\n\r\n");
    });

    test("a refused upgrade reaches nobody, and the connection goes on with the right credentials", async () => {
      const place = system.place("raw", scheme);
      const visitor = await rawVisitor(place);
      const head = `GET / HTTP/1.1\r\nHost: ${place.authority}\r\nConnection: Upgrade\r\nUpgrade: x\r\n`;
      visitor.send(`${head}\r\n`);
      expect(await visitor.gets("401 Unauthorized\n")).toStartWith("HTTP/1.1 401 ");
      expect(raw.untaken).toBe(0);
      visitor.send(`${head}Authorization: Basic ${basic("ann:first-password")}\r\n\r\n`);
      const server = await raw.accept();
      await server.gets("Authorization: Basic");
      server.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nraw");
      await visitor.gets("\r\n\r\nraw");
      visitor.connection.reset();
    });
  });

  test(
    "the flags --auth, with a short password, and --basic-auth, twice, all count",
    async () => {
      const flags = ["--auth=a:b", "--basic-auth=ann:first-password", "--basic-auth=bob:second-password"];
      await using agent = await AgentProcess.start(["http", String(upstream.port), "--scheme=http", ...flags]);
      const url = new URL(await agent.url());
      const place = {
        scheme: "http",
        host: url.hostname,
        port: Number(url.port),
        authority: url.host,
        caPem: "",
      } as const;
      const statusOf = async (pair: string): Promise<string> =>
        (await curl(place, "/", "-u", pair, "-o", "/dev/null", "-w", "%{http_code}")).stdout;
      const pairs = ["a:b", "ann:first-password", "bob:second-password", "bob:first-password", "a:"];
      expect(await Promise.all(pairs.map(statusOf))).toEqual(["200", "200", "200", "401", "401"]);
    },
    START_MS,
  );
});
