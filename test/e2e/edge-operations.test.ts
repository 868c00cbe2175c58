/** An edge as its operator sees it: health, metrics, access log, SIGHUP, and the check of a configuration. */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { connect as tlsConnect, type TLSSocket } from "node:tls";
import { systemClock } from "../../src/base/clock.ts";
import { createLocalCa, LocalCa } from "../../src/pki/local-ca.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { type ExposedMetric, readExposition } from "../support/exposition.ts";
import { freePorts } from "../support/free-ports.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { eventually } from "../support/turns.ts";
import { visit } from "../support/visit.ts";

const LIMIT_MS = 30_000;
const HOST = `app.${EDGE_DOMAIN}`;

const servers: Bun.Server<undefined>[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(true)));
});

/** Answers with what came, and holds `/held` until `release` is called. */
function upstream() {
  const held = Promise.withResolvers<Response>();
  const arrived = Promise.withResolvers<void>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      if (!request.url.endsWith("/held")) return new Response(await request.bytes());
      arrived.resolve();
      return held.promise;
    },
  });
  servers.push(server);
  return { port: server.port ?? 0, arrived: arrived.promise, release: () => held.resolve(new Response("late")) };
}

/** An agent of the edge with an http and https tunnel to the port. */
async function agentOf(edge: EdgeProcess, port: number, token = EDGE_TOKEN): Promise<AgentProcess> {
  const reach = [`--server-addr=127.0.0.1:${edge.ports.https}`, "--root-cas=ca.pem", `--authtoken=${token}`];
  const agent = await AgentProcess.start(
    ["http", String(port), `--hostname=${HOST}`, "--scheme=http,https", "--inspect=false", ...reach],
    { files: { "ca.pem": edge.caPem } },
  );
  // Rejects when the agent ends before.
  const isStarted = (scheme: string) => agent.log.find((line) => line.includes(`${scheme}://${HOST}`) || undefined);
  await Promise.all([isStarted("http"), isStarted("https")]);
  return agent;
}

async function operatorSays(port: number, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const curl = Bun.spawn(
    ["curl", "-sS", "-q", "-m", "10", "--noproxy", "*", "-w", "\n%{http_code}", `http://127.0.0.1:${port}${path}`],
    { stdin: "ignore", stdout: "pipe", stderr: "inherit" },
  );
  const lines = (await curl.stdout.text()).split("\n");
  const status = Number(lines.pop());
  return { status, text: lines.join("\n") };
}

async function metricsOf(port: number): Promise<ReadonlyMap<string, ExposedMetric>> {
  return readExposition((await operatorSays(port, "/metrics")).text);
}

function valueOf(
  metrics: ReadonlyMap<string, ExposedMetric>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const fits = (own: Readonly<Record<string, string>>): boolean =>
    Object.entries(labels).every(([label, value]) => own[label] === value);
  return metrics.get(name)?.values.find((each) => fits(each.labels))?.value;
}

/** A visitor that keeps its connection. */
class KeptVisitor {
  readonly #socket: TLSSocket;
  #heard = "";

  constructor(port: number) {
    // Whoever vouches for the edge changes while this visitor is here.
    this.#socket = tlsConnect({ host: "127.0.0.1", port, servername: HOST, rejectUnauthorized: false });
    this.#socket.on("data", (bytes: Buffer) => (this.#heard += bytes.toString("latin1")));
    this.#socket.on("error", () => {});
  }

  async get(path: string): Promise<string> {
    this.#heard = "";
    this.#socket.write(`POST ${path} HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 2\r\n\r\nhi`);
    await eventually("the answer is here", () => this.#heard.endsWith("hi"));
    return this.#heard.slice(0, this.#heard.indexOf("\r\n"));
  }

  /** Of the certificate that it was shown. */
  get fingerprint(): string {
    return this.#socket.getPeerCertificate().fingerprint256;
  }

  end(): void {
    this.#socket.destroy();
  }
}

describe("the operator's address", () => {
  test(
    "the operator's address counts agents, visitors, bytes, handshakes and refusals",
    async () => {
      const operator = freePorts(1);
      await using edge = await EdgeProcess.start(`--operator-addr=${operator}`);
      const { port } = upstream();
      await using _agent = await agentOf(edge, port);
      const body = Buffer.alloc(10_000, "x");
      const { http, https } = edge.ports;
      expect((await visit(HOST, { port: http, method: "POST", body })).body.length).toBe(body.length);
      expect((await visit(HOST, { port: https, caPem: edge.caPem })).status).toBe(200);
      expect((await visit(`none.${EDGE_DOMAIN}`, { port: http })).status).toBe(404);
      const metrics = await metricsOf(operator);
      const counted = {
        agents: valueOf(metrics, "ginnel_edge_agents"),
        endpoints: valueOf(metrics, "ginnel_edge_endpoints", { proto: "https" }),
        http: valueOf(metrics, "ginnel_edge_visitors_total", { proto: "http" }),
        https: valueOf(metrics, "ginnel_edge_visitors_total", { proto: "https" }),
        ok: valueOf(metrics, "ginnel_edge_exchanges_total", { status: "2xx" }),
        unknown: valueOf(metrics, "ginnel_edge_own_answers_total", { code: "ERR_NGROK_3200" }),
        durations: metrics.get("ginnel_edge_exchange_duration_seconds")?.values.at(-1)?.value,
      };
      expect(counted).toEqual({ agents: 1, endpoints: 1, http: 2, https: 1, ok: 2, unknown: 1, durations: 3 });
      for (const name of ["ginnel_edge_received_bytes_total", "ginnel_edge_sent_bytes_total"]) {
        const bytes = valueOf(metrics, name, { proto: "http" }) ?? 0;
        expect([name, bytes > body.length, bytes < body.length + 2_000]).toEqual([name, true, true]);
      }
      // The agent and the visitor.
      expect(valueOf(metrics, "ginnel_edge_tls_handshakes_total", { outcome: "done" })).toBe(2);
    },
    LIMIT_MS,
  );

  test(
    "the operator's address says that the edge is not ready while it drains, and that it lives",
    async () => {
      const operator = freePorts(1);
      await using edge = await EdgeProcess.start(`--operator-addr=${operator}`);
      const { port, arrived, release } = upstream();
      await using _agent = await agentOf(edge, port);
      expect(await operatorSays(operator, "/readyz")).toEqual({ status: 200, text: "ok\n" });
      const held = visit(HOST, { port: edge.ports.http, path: "/held" });
      await arrived;
      const ended = edge.end("SIGTERM");
      await edge.logged("received stop request", "");
      expect((await operatorSays(operator, "/readyz")).status).toBe(503);
      expect((await operatorSays(operator, "/healthz")).status).toBe(200);
      expect(valueOf(await metricsOf(operator), "ginnel_edge_ready")).toBe(0);
      release();
      expect((await held).body.toString()).toBe("late");
      expect(await ended).toBe(0);
    },
    LIMIT_MS,
  );
});

describe("the access log", () => {
  test(
    "the access log has a line for each exchange, without what is secret, and goes on in a new file at SIGHUP",
    async () => {
      using folder = new TemporaryFolder();
      const file = folder.file("access.log");
      await using edge = await EdgeProcess.start(`--access-log=${file}`);
      const { port } = upstream();
      await using _agent = await agentOf(edge, port);
      const body = Buffer.from("secret content");
      const headers = { Cookie: "secret=1", Authorization: "Basic c2VjcmV0" };
      await visit(HOST, { port: edge.ports.http, path: "/first?token=secret", method: "POST", body, headers });
      await eventually("the line is there", () => readFileSync(file, "utf8").includes("/first"));
      const text = readFileSync(file, "utf8");
      expect(text).not.toMatch(/secret|c2VjcmV0|token/);
      expect(JSON.parse(text)).toMatchObject({
        msg: "exchange",
        proto: "http",
        host: HOST,
        method: "POST",
        path: "/first",
        status: "200",
        outcome: "answered",
        visitor: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      });
      renameSync(file, `${file}.1`);
      process.kill(edge.pid, "SIGHUP");
      await edge.logged("edge reloaded", "");
      await visit(HOST, { port: edge.ports.http, path: "/second" });
      await eventually("the new file has it", () => existsSync(file) && readFileSync(file, "utf8").includes("/second"));
      expect(readFileSync(`${file}.1`, "utf8")).toBe(text);
    },
    LIMIT_MS,
  );

  test(
    "the access log on a full disk costs lines, and no visitor",
    async () => {
      const operator = freePorts(1);
      await using edge = await EdgeProcess.start("--access-log=/dev/full", `--operator-addr=${operator}`);
      const { port } = upstream();
      await using _agent = await agentOf(edge, port);
      for (const path of ["/a", "/b", "/c"]) {
        expect((await visit(HOST, { port: edge.ports.http, path })).status).toBe(200);
      }
      const dropped = valueOf(await metricsOf(operator), "ginnel_edge_log_lines_dropped_total", { log: "access" });
      expect(dropped).toBeGreaterThanOrEqual(2);
    },
    LIMIT_MS,
  );

  test(
    "the access log can be part of the log",
    async () => {
      await using edge = await EdgeProcess.start("--access-log=log");
      await visit("none.test", { port: edge.ports.http, path: "/x" });
      expect(await edge.logged("exchange", '"outcome":"ERR_NGROK_3200"')).toBe(true);
    },
    LIMIT_MS,
  );
});

describe("SIGHUP", () => {
  test(
    "SIGHUP loads a new certificate and cuts no visitor",
    async () => {
      using folder = new TemporaryFolder();
      const ca = new LocalCa(await createLocalCa("box", systemClock), systemClock);
      // The agent dials the address.
      const names = [EDGE_DOMAIN, `*.${EDGE_DOMAIN}`, "127.0.0.1"];
      const place = async (): Promise<void> => {
        const { certPem, keyPem } = await ca.issue(names);
        writeFileSync(folder.file("a.crt"), certPem);
        writeFileSync(folder.file("a.key"), keyPem);
      };
      await place();
      await using edge = await EdgeProcess.start(`--crt=${folder.file("a.crt")}`, `--key=${folder.file("a.key")}`);
      const { port } = upstream();
      const reach = [`--server-addr=127.0.0.1:${edge.ports.https}`, "--root-cas=ca.pem", `--authtoken=${EDGE_TOKEN}`];
      await using agent = await AgentProcess.start(["http", String(port), `--hostname=${HOST}`, ...reach], {
        files: { "ca.pem": ca.certPem },
      });
      await agent.url();
      const before = new KeptVisitor(edge.ports.https);
      expect(await before.get("/1")).toBe("HTTP/1.1 200 OK");
      await place();
      process.kill(edge.pid, "SIGHUP");
      await edge.logged("edge reloaded", "");
      const after = new KeptVisitor(edge.ports.https);
      expect(await after.get("/2")).toBe("HTTP/1.1 200 OK");
      expect(await before.get("/3")).toBe("HTTP/1.1 200 OK");
      expect(after.fingerprint).not.toBe(before.fingerprint);
      expect(edge.timesLogged("agent session ended")).toBe(0);
      before.end();
      after.end();
    },
    LIMIT_MS,
  );

  test(
    "SIGHUP lets new tokens in, sends agents of those that are gone away, and keeps the old ones when the file is damaged or empty",
    async () => {
      using folder = new TemporaryFolder();
      const tokens = folder.file("tokens");
      writeFileSync(tokens, "first-token\n");
      await using edge = await EdgeProcess.start(`--authtoken-file=${tokens}`);
      const reach = [`--server-addr=127.0.0.1:${edge.ports.https}`, "--root-cas=ca.pem"];
      const start = (token: string): Promise<AgentProcess> =>
        AgentProcess.start(["http", "80", ...reach, `--authtoken=${token}`], { files: { "ca.pem": edge.caPem } });
      await using first = await start("first-token");
      await first.url();

      for (const [text, said] of [
        ["not a token\n", `${tokens}, line 1`],
        ["", `the authtoken file '${tokens}' holds no token`],
      ] as const) {
        writeFileSync(tokens, text);
        const before = edge.linesLogged;
        process.kill(edge.pid, "SIGHUP");
        await edge.logged("could not be reloaded, the old one stays", said, before);
        await edge.logged("edge reloaded", '"failed":"authtokens"', before);
      }
      expect(edge.timesLogged("agent session ended")).toBe(0);

      writeFileSync(tokens, "second-token\n");
      const from = edge.linesLogged;
      process.kill(edge.pid, "SIGHUP");
      await edge.logged("edge reloaded", "", from);
      await using second = await start("second-token");
      await second.url();
      await edge.logged("agent session ended", "", from);
      expect(await first.child.exited).toBe(1);
    },
    LIMIT_MS,
  );
});

/** With an authority, which is not asked. */
const ACME = "domain: x.test\nhttp: off\nhttps: 127.0.0.1:0\nacme: https://127.0.0.1:1/none\nacme-agree: true\n";

describe("edge check", () => {
  test.each([
    ["a slip in the file", "domain: x.test\nhtps: :443\n", "line 2, column 1: field htps not found"],
    ["a value that is none", "domain: x.test\nidle-timeout: soon\n", "line 2, column 1: field idle-timeout: expected"],
    ["an operator's address of all", 'domain: x.test\noperator-addr: ":9090"\n', "an address with its host"],
    ["two on one port", "domain: x.test\nhttps: 127.0.0.1:9443\noperator-addr: 9443\n", "cannot both listen"],
    ["a certificate that is not there", "domain: x.test\ncrt: no.crt\nkey: no.key\n", "The file no.crt"],
    ["a token file that is not there", "domain: x.test\nauthtoken-file: none\n", "none"],
    ["an empty token file", "domain: x.test\nauthtoken-file: /dev/null\n", "'/dev/null' holds no token"],
    ["an edge without any certificate", "domain: x.test\nlocal-ca: false\n", "it needs crt and key, or acme"],
    ["a log that cannot be opened", "domain: x.test\nlog: no/such/log\n", "Cannot open log file 'no/such/log'"],
    ["an access log", "domain: x.test\naccess-log: no/such/log\n", "Cannot open log file 'no/such/log'"],
    ["no authorities", `${ACME}acme-roots: none.pem\n`, "The file none.pem cannot be used: there is no such file"],
    ["no DNS hook", `${ACME}acme-dns-hook: ./none\n`, "the program ./none cannot be run: there is no such file"],
  ])(
    "edge check tells of %s, with exit code 1",
    async (_, file, text) => {
      using folder = new TemporaryFolder();
      await Bun.write(folder.file("edge.yml"), file);
      const { code, stdout, stderr } = await runProgram("edge check --config=edge.yml --data=data", {
        home: folder.path,
      });
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(text);
      expect(stderr).not.toContain("Internal error");
    },
    LIMIT_MS,
  );

  test(
    "edge does not start with a DNS hook that is not there, as edge check says",
    async () => {
      using folder = new TemporaryFolder();
      await Bun.write(folder.file("edge.yml"), `${ACME}acme-dns-hook: ./none\n`);
      const { code, stderr } = await runProgram("edge --config=edge.yml --data=data", { home: folder.path });
      expect([code, stderr]).toEqual([1, expect.stringContaining("acme-dns-hook: the program ./none cannot be run")]);
    },
    LIMIT_MS,
  );

  test(
    "edge check finds nothing wrong, starts and writes nothing, and warns of a port that is taken",
    async () => {
      using folder = new TemporaryFolder();
      const taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
      await Bun.write(folder.file("edge.yml"), `domain: x.localhost\nhttp: off\nhttps: 127.0.0.1:${taken.port}\n`);
      const { code, stdout, stderr } = await runProgram("edge check --config=edge.yml --data=data", {
        home: folder.path,
      });
      taken.stop(true);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toStartWith(`Valid configuration of an edge: x.localhost; https on 127.0.0.1:${taken.port}\n`);
      expect(stdout).toContain(`Warning: https: listen tcp 127.0.0.1:${taken.port}: bind: address already in use`);
      expect(existsSync(folder.file("data"))).toBe(false);
    },
    LIMIT_MS,
  );
});
