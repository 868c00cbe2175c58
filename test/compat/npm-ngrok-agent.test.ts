/** The life of the agent that the npm package `ngrok` 4.3.3 starts: its ends, its neighbours, its refusals, and the events that it is told by. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { NPM_OWN_FILE, NpmNgrok } from "../support/npm-ngrok.ts";
import { visitUrl } from "../support/visit.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
const LONG_MS = 60_000;

const upstream = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("here I am") });
const { port } = upstream;
let edge: EdgeProcess;

beforeAll(async () => {
  await builtBinary();
  edge = await EdgeProcess.start();
}, BUILD_TIMEOUT_MS);
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await upstream.stop(true);
});

const nameOf = (label: string): string => `${label}.${EDGE_DOMAIN}`;

describe("npm ngrok's agent", () => {
  test(
    "npm ngrok's agent gives one address or all of them back by disconnect, at once",
    async () => {
      await using ngrok = await NpmNgrok.start({ edge });
      const [first = "", second = "", third = ""] = await Promise.all(
        ["npm-1", "npm-2", "npm-3"].map((subdomain) => ngrok.connect({ addr: port, subdomain, bind_tls: true })),
      );
      await ngrok.call("disconnect", second);
      const statuses = (): Promise<readonly number[]> =>
        Promise.all([first, second, third].map(async (url) => (await visitUrl(url, edge.caPem)).status));
      expect(await statuses()).toEqual([200, 404, 200]);
      await ngrok.call("disconnect");
      expect(await statuses()).toEqual([404, 404, 404]);
      expect(await ngrok.connect({ addr: port, subdomain: "npm-1" })).toBe(first);
    },
    LONG_MS,
  );

  test(
    "npm ngrok's agent has given its address back when kill resolves, and the next one gets it",
    async () => {
      await using ngrok = await NpmNgrok.start({ edge });
      const options = { addr: port, subdomain: "npm-killed", callbacks: true };
      const url = await ngrok.connect(options);
      await ngrok.call("kill");
      await ngrok.heard("terminated");
      expect((await visitUrl(url, edge.caPem)).status).toBe(404);
      expect(await ngrok.connect(options)).toBe(url);
      expect((await visitUrl(url, edge.caPem)).status).toBe(200);
    },
    LONG_MS,
  );

  test(
    "npm ngrok's agent ends with the program that uses it",
    async () => {
      await using ngrok = await NpmNgrok.start({ edge });
      await ngrok.connect({ addr: port, subdomain: "npm-over", bind_tls: true });
      const from = edge.linesLogged;
      expect(await ngrok.end()).toBe(0);
      await edge.logged("endpoint offline", nameOf("npm-over"), from);
    },
    LONG_MS,
  );

  test(
    "npm ngrok's agent runs beside a second one, on another port",
    async () => {
      await using one = await NpmNgrok.start({ edge });
      await using two = await NpmNgrok.start({ edge });
      const urls = await Promise.all([one, two].map((ngrok) => ngrok.connect({ addr: port })));
      const apis = await Promise.all([one, two].map((ngrok) => ngrok.call("getUrl")));
      expect(apis[0]).not.toBe(apis[1]);
      expect(
        (await Promise.all([one, two].map((ngrok) => ngrok.tunnels()))).flat().map(({ public_url }) => public_url),
      ).toEqual(urls);
    },
    LONG_MS,
  );

  test(
    "npm ngrok's agent tells its log and its status, also when the edge goes and comes back",
    async () => {
      await using restarted = await EdgeProcess.start();
      await using ngrok = await NpmNgrok.start({ edge: restarted });
      const url = await ngrok.connect({ addr: port, subdomain: "npm-status", bind_tls: true, callbacks: true });
      await ngrok.heard("status", "connected");
      for (const words of ["starting web service", "tunnel session started", "started tunnel"]) {
        await ngrok.heard("log", words);
      }
      const from = ngrok.lines;
      expect(await restarted.end("SIGTERM")).toBe(0);
      await ngrok.heard("status", "closed", from);
      await restarted.again();
      await ngrok.heard("status", "connected", from);
      await restarted.logged("endpoint online", nameOf("npm-status"));
      expect((await visitUrl(url, restarted.caPem)).status).toBe(200);
      expect(ngrok.told("status")).toEqual(["connected", "closed", "connected"]);
    },
    LONG_MS,
  );

  test(
    "npm ngrok's agent is asked again until its first session is there",
    async () => {
      await using late = await EdgeProcess.start();
      await late.end("SIGTERM");
      await using ngrok = await NpmNgrok.start({ edge: late, files: NPM_OWN_FILE });
      const connected = ngrok.connect({ addr: port, name: "patient", configPath: "own.yml", callbacks: true });
      await ngrok.heard("log", "pg=/api/tunnels");
      await late.again();
      expect((await visitUrl(await connected, late.caPem)).status).toBe(200);
      expect((await ngrok.tunnels()).map(({ name }) => name)).toEqual(["patient"]);
    },
    LONG_MS,
  );

  test.each([
    ["an authtoken that nobody knows", { authtoken: "unknown" }, "ERR_NGROK_107"],
    ["no authtoken", {}, "ERR_NGROK_4018"],
  ])(
    "npm ngrok's agent is refused with %s, and the user is told why",
    async (_, options, code) => {
      await using ngrok = await NpmNgrok.start({ edge, authtoken: "" });
      const failure = await ngrok.failureOf("ngrok", "connect", { addr: port, callbacks: true, ...options });
      expect(failure.name).toBe("NgrokClientError");
      expect(JSON.stringify(failure.body)).toContain(code);
      await ngrok.heard("terminated");
      await ngrok.heard("log", "command failed");
      expect(ngrok.told("log").join("\n")).toMatch(new RegExp(`lvl=crit msg="command failed" err=.*${code}`));
    },
    LONG_MS,
  );

  test(
    "npm ngrok's authtoken is kept in the file although the program is ended at its first word",
    async () => {
      await using ngrok = await NpmNgrok.start({ edge, authtoken: "" });
      const configPath = ngrok.folder.file("new/own.yml");
      await ngrok.call("authtoken", { authtoken: EDGE_TOKEN, configPath });
      expect(readFileSync(configPath, "utf8")).toBe(`version: "3"\nagent:\n    authtoken: ${EDGE_TOKEN}\n`);
      await ngrok.call("authtoken", EDGE_TOKEN);
      expect(await ngrok.connect({ addr: port })).toStartWith("https://");
      expect(await ngrok.call("getVersion")).toBe("3.39.0");
    },
    LONG_MS,
  );
});
