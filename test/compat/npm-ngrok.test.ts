/** The npm package `ngrok` 4.3.3, unchanged and under Node, drives the compiled program through a link of the name `ngrok`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Buffer } from "node:buffer";
import { readFileSync, symlinkSync } from "node:fs";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { caPemOf } from "../support/agent-of-edge.ts";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { NpmNgrok } from "../support/npm-ngrok.ts";
import { echo, RawUpstream } from "../support/raw-upstream.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { visit, type Visit, type Visited } from "../support/visit.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
const LONG_MS = 60_000;

/** What the agent API tells of a tunnel and of an exchange, as far as the package's type declarations name it. */
interface Tunnel {
  readonly name: string;
  readonly uri: string;
  readonly public_url: string;
  readonly proto: string;
  readonly config: { readonly addr: string; readonly inspect: boolean };
  readonly metrics: { readonly conns: Metrics & { readonly gauge: number }; readonly http: Metrics };
}
interface Metrics {
  readonly count: number;
}
interface Exchange {
  readonly id: string;
  readonly uri: string;
  readonly tunnel_name: string;
  readonly duration: number;
  readonly request: { readonly method: string; readonly uri: string; readonly raw: string };
  readonly response: { readonly status: string; readonly status_code: number; readonly raw: string };
}

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

/** For who names a tunnel: the package looks the name up in this file. */
const OWN_FILE = { "own.yml": `version: "2"\n` };

const nameOf = (label: string): string => `${label}.${EDGE_DOMAIN}`;

/** A visitor of one of the package's URLs. */
function visitUrl(url: string, caPem: string, more: Omit<Visit, "port" | "caPem"> = {}): Promise<Visited> {
  const { protocol, hostname, port } = new URL(url);
  return visit(hostname, { port: Number(port), ...(protocol === "https:" ? { caPem } : {}), ...more });
}

async function tunnelsOf(ngrok: NpmNgrok): Promise<readonly Tunnel[]> {
  return ((await ngrok.api("listTunnels")) as { tunnels: Tunnel[] }).tunnels; // as its declarations say
}

async function exchangesOf(ngrok: NpmNgrok, options: object = {}): Promise<readonly Exchange[]> {
  return ((await ngrok.api("listRequests", options)) as { requests: Exchange[] }).requests; // as its declarations say
}

const decoded = (base64: string): string => Buffer.from(base64, "base64").toString();

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
      const inspect = (await tunnelsOf(ngrok)).map(({ public_url, config }) => [public_url, config.inspect]);
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
      const [tunnel] = await tunnelsOf(ngrok);
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

describe("npm ngrok's API client", () => {
  test(
    "npm ngrok's API client lists, describes, starts and stops tunnels",
    async () => {
      await using ngrok = await NpmNgrok.start({ edge });
      await ngrok.connect({ addr: port, subdomain: "npm-first", bind_tls: true });
      const started = (await ngrok.api("startTunnel", { name: "second", addr: port, proto: "http" })) as Tunnel;
      expect(started).toMatchObject({ name: "second", proto: "https", uri: "/api/tunnels/second" });
      expect(started.config).toEqual({ addr: `http://localhost:${port}`, inspect: true });
      expect((await visitUrl(started.public_url, edge.caPem)).status).toBe(200);
      const detail = (await ngrok.api("tunnelDetail", "second")) as Tunnel;
      expect(detail.metrics).toMatchObject({ conns: { count: 1 }, http: { count: 1 } });
      expect((await tunnelsOf(ngrok)).map(({ name }) => name)).toContain("second");
      expect(await ngrok.api("stopTunnel", "second")).toBe(true);
      expect((await visitUrl(started.public_url, edge.caPem)).status).toBe(404);
      expect((await tunnelsOf(ngrok)).map(({ public_url }) => public_url)).toEqual([
        `https://${nameOf("npm-first")}:${edge.ports.https}`,
      ]);
    },
    LONG_MS,
  );

  test(
    "npm ngrok's API client opens both schemes as a pair of tunnels, each of which can be stopped",
    async () => {
      await using ngrok = await NpmNgrok.start({ edge, files: OWN_FILE });
      const url = await ngrok.connect({ addr: port, name: "pair", bind_tls: "both", configPath: "own.yml" });
      const { hostname } = new URL(url);
      expect(url).toStartWith("https://");
      expect((await tunnelsOf(ngrok)).map(({ name, public_url }) => [name, public_url])).toEqual([
        ["pair", url],
        ["pair (http)", `http://${hostname}:${edge.ports.http}`],
      ]);
      await ngrok.call("disconnect", `http://${hostname}:${edge.ports.http}`);
      expect((await tunnelsOf(ngrok)).map(({ name }) => name)).toEqual(["pair"]);
      expect((await visitUrl(url, edge.caPem)).status).toBe(200);
    },
    LONG_MS,
  );

  test(
    "npm ngrok's API client lists exchanges, describes one, replays it and forgets them all",
    async () => {
      await using ngrok = await NpmNgrok.start({ edge, files: OWN_FILE });
      const url = await ngrok.connect({ addr: port, name: "hooks", configPath: "own.yml" });
      const body = Buffer.from("a=1");
      await visitUrl(url, edge.caPem, { path: "/hook?x=1", method: "POST", body });
      const [first] = await exchangesOf(ngrok, { limit: 10, tunnel_name: "hooks" });
      expect(first).toMatchObject({
        tunnel_name: "hooks",
        request: { method: "POST", uri: "/hook?x=1" },
        response: { status: "200 OK", status_code: 200 },
      });
      expect(decoded(first?.request.raw ?? "")).toMatch(/^POST \/hook\?x=1 HTTP\/1\.1\r\n[^]*\r\n\r\na=1$/);
      expect(await ngrok.api("requestDetail", first?.id)).toEqual(first);
      expect(await ngrok.api("replayRequest", first?.id, "hooks")).toBe(true);
      const [again, original] = await exchangesOf(ngrok);
      expect(original?.id).toBe(first?.id ?? "");
      expect(decoded(again?.request.raw ?? "")).toBe(decoded(first?.request.raw ?? ""));
      expect(await exchangesOf(ngrok, { limit: 1 })).toHaveLength(1);
      expect(await exchangesOf(ngrok, { tunnel_name: "nobody" })).toEqual([]);
      expect(await ngrok.api("deleteAllRequests")).toBe(true);
      expect(await exchangesOf(ngrok)).toEqual([]);
    },
    LONG_MS,
  );

  test(
    "npm ngrok's API client gets every error as the object that it reads",
    async () => {
      await using holder = await NpmNgrok.start({ edge });
      await holder.connect({ addr: port, subdomain: "npm-taken" });
      await using ngrok = await NpmNgrok.start({ edge, files: OWN_FILE });
      await ngrok.connect({ addr: port, name: "one", configPath: "own.yml" });
      const failures = await Promise.all([
        ngrok.failureOf("ngrok", "connect", { addr: port, subdomain: "npm-taken" }),
        ngrok.failureOf("ngrok", "connect", { addr: port, name: "one", configPath: "own.yml" }),
        ngrok.failureOf("ngrok", "connect", { addr: port, proto: "udp" }),
        ngrok.failureOf("ngrok", "connect", { addr: port, subdomian: "x" }),
        ngrok.failureOf("api", "stopTunnel", "nobody"),
        ngrok.failureOf("api", "tunnelDetail", "nobody"),
        ngrok.failureOf("api", "requestDetail", "nobody"),
        ngrok.failureOf("api", "replayRequest", "nobody", "one"),
      ]);
      const seen = failures.map(({ name, status, message, body }) => {
        expect(name).toBe("NgrokClientError");
        const { error_code, status_code, msg, details } = body as Record<string, unknown>; // the package's ErrorBody
        expect([status_code, msg]).toEqual([status, message]);
        return [status, error_code, message, (details as { err: string }).err];
      });
      expect(seen).toEqual([
        [
          502,
          103,
          "failed to start tunnel",
          expect.stringMatching(/is already bound to another tunnel session[^]*ERR_NGROK_334/),
        ],
        [400, 102, "invalid tunnel configuration", expect.stringContaining(`tunnel "one" already exists`)],
        [400, 102, "invalid tunnel configuration", expect.stringContaining("protocol name")],
        [400, 102, "invalid tunnel configuration", expect.stringContaining("subdomian")],
        ...Array.from({ length: 4 }, () => [404, 100, "Not Found", expect.any(String)]),
      ]);
      expect((await ngrok.failureOf("ngrok", "disconnect", "https://nobody.example")).message).toBe(
        "there is no tunnel with url: https://nobody.example",
      );
    },
    LONG_MS,
  );
});

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
      expect((await Promise.all([one, two].map(tunnelsOf))).flat().map(({ public_url }) => public_url)).toEqual(urls);
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
      await using ngrok = await NpmNgrok.start({ edge: late, files: OWN_FILE });
      const connected = ngrok.connect({ addr: port, name: "patient", configPath: "own.yml", callbacks: true });
      await ngrok.heard("log", "pg=/api/tunnels");
      await late.again();
      expect((await visitUrl(await connected, late.caPem)).status).toBe(200);
      expect((await tunnelsOf(ngrok)).map(({ name }) => name)).toEqual(["patient"]);
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
