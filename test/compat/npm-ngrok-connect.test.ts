/** What `connect` of the npm package `ngrok` 4.3.3 publishes; unchanged and under Node it drives the compiled program through a link of the name `ngrok`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Buffer } from "node:buffer";
import { symlinkSync } from "node:fs";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { caPemOf } from "../support/agent-of-edge.ts";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { NpmNgrok } from "../support/npm-ngrok.ts";
import { echo, RawUpstream } from "../support/raw-upstream.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { visitUrl } from "../support/visit.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
const LONG_MS = 60_000;

/** Answers with what it was asked. */
const upstream = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: async (request) =>
    Response.json({
      method: request.method,
      path: new URL(request.url).pathname,
      host: request.headers.get("host"),
      body: await request.text(),
    }),
});
const { port } = upstream;
let edge: EdgeProcess;
let binary: string;

beforeAll(async () => {
  binary = await builtBinary();
  edge = await EdgeProcess.start();
}, BUILD_TIMEOUT_MS);
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await upstream.stop(true);
});

const nameOf = (label: string): string => `${label}.${EDGE_DOMAIN}`;

describe("npm ngrok", () => {
  test(
    "npm ngrok connects a port of this machine with nothing but its number, and tells where the agent API is",
    async () => {
      await using ngrok = await NpmNgrok.start({ authtoken: "" });
      expect(await ngrok.call("getUrl")).toBeNull();
      const url = await ngrok.connect(port);
      expect(url).toMatch(/^https:\/\/[0-9a-f]{16}\.localhost:\d+$/);
      const caPem = await caPemOf(undefined, ngrok);
      expect(JSON.parse((await visitUrl(url, caPem)).body.toString())).toMatchObject({ method: "GET", path: "/" });
      const apiUrl = String(await ngrok.call("getUrl"));
      expect(apiUrl).toMatch(/^http:\/\/127\.0\.0\.1:4\d\d\d$/);
      expect((await fetch(`${apiUrl}/api/status`)).status).toBe(200);
      expect(ngrok.stderr.lines).toEqual([]);
    },
    LONG_MS,
  );

  test(
    "npm ngrok connects http with the options of its documentation",
    async () => {
      await using ngrok = await NpmNgrok.start({ edge });
      const plain = { proto: "http", addr: port, authtoken: EDGE_TOKEN, region: "us" };
      const named = await ngrok.connect({ ...plain, subdomain: "npm-named", bind_tls: true, inspect: false });
      expect(named).toBe(`https://${nameOf("npm-named")}:${edge.ports.https}`);
      const guarded = await ngrok.connect({ ...plain, auth: "user:password", port, host: "ignored", bind_tls: "true" });
      expect((await visitUrl(guarded, edge.caPem)).status).toBe(401);
      const headers = { Authorization: `Basic ${btoa("user:password")}` };
      expect((await visitUrl(guarded, edge.caPem, { headers })).status).toBe(200);
      const legacy = await ngrok.connect({ port, httpauth: "old:password", bind_tls: false });
      expect(legacy).toStartWith("http://");
      expect((await visitUrl(legacy, edge.caPem)).status).toBe(401);
      const rewritten = await ngrok.connect({ addr: `127.0.0.1:${port}`, host_header: "rewrite" });
      expect(JSON.parse((await visitUrl(rewritten, edge.caPem)).body.toString()).host).toBe(`127.0.0.1:${port}`);
      const inspect = (await ngrok.tunnels()).map(({ public_url, config }) => [public_url, config.inspect]);
      expect(Object.fromEntries(inspect)).toEqual({
        [named]: false,
        [guarded]: true,
        [legacy]: true,
        [rewritten]: true,
      });
      expect(await Bun.file(ngrok.folder.file(".config/ginnel/ginnel.yml")).text()).toContain(EDGE_TOKEN);
    },
    LONG_MS,
  );

  test(
    "npm ngrok connects tcp, and what comes is carried both ways",
    async () => {
      using tcp = new RawUpstream();
      await using ngrok = await NpmNgrok.start({ edge });
      const url = await ngrok.connect({ proto: "tcp", addr: tcp.port });
      expect(url).toMatch(/^tcp:\/\/.+:\d+$/);
      const visitor = await dialTcp({ host: "127.0.0.1", port: Number(new URL(url).port) }, { timeoutMs: 5_000 });
      const heard = new RecordingListener(visitor);
      echo(await tcp.next());
      visitor.write(Buffer.from("there and back"));
      await heard.until(() => heard.text === "there and back");
      visitor.reset();
      const [tunnel] = await ngrok.tunnels();
      expect(tunnel).toMatchObject({ proto: "tcp", public_url: url, config: { addr: `localhost:${tcp.port}` } });
    },
    LONG_MS,
  );

  test(
    "npm ngrok starts a definition of the configuration file by its name",
    async () => {
      const tunnels = { site: { proto: "http", addr: port, subdomain: "npm-defined", bind_tls: true } };
      const settings = { authtoken: EDGE_TOKEN, web_addr: "127.0.0.1:0", tunnels };
      // The package reads its own default file, ~/.ngrok2/ngrok.yml, and so do we when there is no other.
      await using ngrok = await NpmNgrok.start({
        edge,
        authtoken: "",
        files: { ".ngrok2/ngrok.yml": JSON.stringify(settings) },
      });
      const url = await ngrok.connect({ name: "site" });
      expect(url).toBe(`https://${nameOf("npm-defined")}:${edge.ports.https}`);
      expect((await visitUrl(url, edge.caPem)).status).toBe(200);
      expect(await ngrok.api("tunnelDetail", "site")).toMatchObject({ name: "site", public_url: url });
    },
    LONG_MS,
  );

  test(
    "npm ngrok takes binPath and configPath, and reads a log in JSON",
    async () => {
      using bin = new TemporaryFolder();
      symlinkSync(binary, bin.file("ngrok"));
      await using ngrok = await NpmNgrok.start({
        edge,
        authtoken: "",
        files: { "own.yml": `version: "2"\nauthtoken: ${EDGE_TOKEN}\nlog_format: json\n` },
      });
      const configPath = ngrok.folder.file("own.yml");
      const url = await ngrok.connect({ addr: port, binFolder: bin.path, configPath, callbacks: true });
      expect((await visitUrl(url, edge.caPem)).status).toBe(200);
      // Every piece that the package reads is taken for whole lines (K-032).
      for (const piece of ngrok.told("log")) for (const line of piece.split("\n")) JSON.parse(line);
      const [first = ""] = ngrok.told("log");
      expect(JSON.parse(first.split("\n")[0] ?? "")).toMatchObject({ msg: "open config file", path: configPath });
      expect(await ngrok.call("getVersion", { binFolder: bin.path })).toBe("3.39.0");
    },
    LONG_MS,
  );
});
