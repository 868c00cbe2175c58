/** The API client of the npm package `ngrok` 4.3.3: what `getApi` answers, and the errors that it makes of ours. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Buffer } from "node:buffer";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { EDGE_DOMAIN, EdgeProcess } from "../support/edge-process.ts";
import { NPM_OWN_FILE, NpmNgrok, type NpmTunnel } from "../support/npm-ngrok.ts";
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
const decoded = (base64: string): string => Buffer.from(base64, "base64").toString();

describe("npm ngrok's API client", () => {
  test(
    "npm ngrok's API client lists, describes, starts and stops tunnels",
    async () => {
      await using ngrok = await NpmNgrok.start({ edge });
      await ngrok.connect({ addr: port, subdomain: "npm-first", bind_tls: true });
      const started = (await ngrok.api("startTunnel", { name: "second", addr: port, proto: "http" })) as NpmTunnel;
      expect(started).toMatchObject({ name: "second", proto: "https", uri: "/api/tunnels/second" });
      expect(started.config).toEqual({ addr: `http://localhost:${port}`, inspect: true });
      expect((await visitUrl(started.public_url, edge.caPem)).status).toBe(200);
      const detail = (await ngrok.api("tunnelDetail", "second")) as NpmTunnel;
      expect(detail.metrics).toMatchObject({ conns: { count: 1 }, http: { count: 1 } });
      expect((await ngrok.tunnels()).map(({ name }) => name)).toContain("second");
      expect(await ngrok.api("stopTunnel", "second")).toBe(true);
      expect((await visitUrl(started.public_url, edge.caPem)).status).toBe(404);
      expect((await ngrok.tunnels()).map(({ public_url }) => public_url)).toEqual([
        `https://${nameOf("npm-first")}:${edge.ports.https}`,
      ]);
    },
    LONG_MS,
  );

  test(
    "npm ngrok's API client opens both schemes as a pair of tunnels, each of which can be stopped",
    async () => {
      await using ngrok = await NpmNgrok.start({ edge, files: NPM_OWN_FILE });
      const url = await ngrok.connect({ addr: port, name: "pair", bind_tls: "both", configPath: "own.yml" });
      const { hostname } = new URL(url);
      expect(url).toStartWith("https://");
      expect((await ngrok.tunnels()).map(({ name, public_url }) => [name, public_url])).toEqual([
        ["pair", url],
        ["pair (http)", `http://${hostname}:${edge.ports.http}`],
      ]);
      await ngrok.call("disconnect", `http://${hostname}:${edge.ports.http}`);
      expect((await ngrok.tunnels()).map(({ name }) => name)).toEqual(["pair"]);
      expect((await visitUrl(url, edge.caPem)).status).toBe(200);
    },
    LONG_MS,
  );

  test(
    "npm ngrok's API client lists exchanges, describes one, replays it and forgets them all",
    async () => {
      await using ngrok = await NpmNgrok.start({ edge, files: NPM_OWN_FILE });
      const url = await ngrok.connect({ addr: port, name: "hooks", configPath: "own.yml" });
      const body = Buffer.from("a=1");
      await visitUrl(url, edge.caPem, { path: "/hook?x=1", method: "POST", body });
      const [first] = await ngrok.exchanges({ limit: 10, tunnel_name: "hooks" });
      expect(first).toMatchObject({
        tunnel_name: "hooks",
        request: { method: "POST", uri: "/hook?x=1" },
        response: { status: "200 OK", status_code: 200 },
      });
      expect(decoded(first?.request.raw ?? "")).toMatch(/^POST \/hook\?x=1 HTTP\/1\.1\r\n[^]*\r\n\r\na=1$/);
      expect(await ngrok.api("requestDetail", first?.id)).toEqual(first);
      expect(await ngrok.api("replayRequest", first?.id, "hooks")).toBe(true);
      const [again, original] = await ngrok.exchanges();
      expect(original?.id).toBe(first?.id ?? "");
      expect(decoded(again?.request.raw ?? "")).toBe(decoded(first?.request.raw ?? ""));
      expect(await ngrok.exchanges({ limit: 1 })).toHaveLength(1);
      expect(await ngrok.exchanges({ tunnel_name: "nobody" })).toEqual([]);
      expect(await ngrok.api("deleteAllRequests")).toBe(true);
      expect(await ngrok.exchanges()).toEqual([]);
    },
    LONG_MS,
  );

  test(
    "npm ngrok's API client gets every error as the object that it reads",
    async () => {
      await using holder = await NpmNgrok.start({ edge });
      await holder.connect({ addr: port, subdomain: "npm-taken" });
      await using ngrok = await NpmNgrok.start({ edge, files: NPM_OWN_FILE });
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
