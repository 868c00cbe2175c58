/**
 * Marked secrets in every place that takes one, through whole processes, with everything that can go wrong on the way; then nothing that
 * others can see has a mark: logs, access log, what is printed, metrics, answers, pages of errors, arguments, files.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../support/free-ports.ts";
import { PostgresDatabases } from "../support/postgres-databases.ts";
import { runProgram } from "../support/run-program.ts";
import { SecretMarks } from "../support/secret-marks.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { makeTestCertificates, type TestCertificates } from "../support/test-certificates.ts";
import { type Visit, visit } from "../support/visit.ts";
import { WatchedProgram } from "../support/watched-program.ts";

setDefaultTimeout(120_000);

const DOMAIN = "edge.test";
const API = `api.${DOMAIN}`;
const VERSION = { "Ngrok-Version": "2" };

const SHOWN_BY_AGENT = [
  "/api",
  "/api/status",
  "/api/config",
  "/api/tunnels",
  "/api/tunnels/auth",
  "/api/tunnels/hook",
  "/api/endpoints/auth",
  "/api/endpoints/hook",
  "/api/openapi.json",
  "/metrics",
  "/status",
  "/inspect/http",
];

let certificates: TestCertificates;
let upstream: Bun.Server<undefined>;
let databases: PostgresDatabases;
beforeAll(async () => {
  [certificates, databases] = await Promise.all([makeTestCertificates(), PostgresDatabases.start()]);
  upstream = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("here") });
});
afterAll(async () => {
  await upstream.stop(true);
  await databases[Symbol.asyncDispose]();
});

/** A run of edge and agents. What others saw of it is kept by name. */
class Run implements AsyncDisposable {
  readonly marks = new SecretMarks();
  readonly folder = new TemporaryFolder();
  readonly #seen = new Map<string, string>();
  readonly #programs: (readonly [string, WatchedProgram])[] = [];
  readonly #format: string;
  #caPem = "";
  #ports = { http: 0, https: 0 };

  constructor(format: string) {
    this.#format = format;
  }

  saw(what: string, text: string): void {
    this.#seen.set(what, text);
  }

  async write(name: string, content: object | string): Promise<void> {
    await Bun.write(this.folder.file(name), typeof content === "string" ? content : JSON.stringify(content));
  }

  /** Stays until the run is over; its log of everything is among what it prints. */
  start(name: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): WatchedProgram {
    const logFlags = ["--log-level=debug", `--log-format=${this.#format}`];
    const toStdout = argv[0] === "edge" ? [] : ["--log=stdout"];
    const program = new WatchedProgram([...argv, ...toStdout, ...logFlags], { folder: this.folder.path, env });
    this.#programs.push([name, program]);
    return program;
  }

  /** Ends by itself; answers the exit code. */
  async run(name: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
    const program = new WatchedProgram(argv, { folder: this.folder.path, env });
    const code = await program.end();
    this.saw(name, `${program.printed}\n`);
    return code;
  }

  async startEdge(flags: readonly string[], env: Readonly<Record<string, string>>): Promise<WatchedProgram> {
    const { stdout } = await runProgram("edge ca --data=data", { home: this.folder.path });
    this.#caPem = stdout;
    await this.write("ca.pem", stdout);
    const usual = [`--domain=${DOMAIN}`, "--http=127.0.0.1:0", "--https=127.0.0.1:0", "--tcp-ports=off", "--data=data"];
    const edge = this.start("edge", ["edge", ...usual, ...flags], env);
    await edge.prints(/edge ready.*\n/);
    const portIn = (name: string): number => Number(new RegExp(`\\b${name}"?[=:]"?(\\d+)`).exec(edge.printed)?.[1]);
    this.#ports = { http: portIn("http"), https: portIn("https") };
    return edge;
  }

  get reach(): Readonly<Record<string, string>> {
    return { GINNEL_SERVER_ADDR: `127.0.0.1:${this.#ports.https}`, GINNEL_ROOT_CAS: this.folder.file("ca.pem") };
  }

  /** What this visitor was answered is seen by others too. */
  async visit(name: string, host: string, more: Omit<Visit, "port" | "caPem"> = {}, port?: number): Promise<number> {
    const place = port === undefined ? { port: this.#ports.https, caPem: this.#caPem } : { port };
    const { status, headers, body } = await visit(host, { ...place, ...more });
    this.saw(name, `${status} ${JSON.stringify(headers)}\n${body.toString()}`);
    return status;
  }

  /** Everything of every kind, once all programs have ended. */
  async seen(): Promise<ReadonlyMap<string, string>> {
    for (const [name, program] of this.#programs.toReversed()) {
      await program.end("SIGTERM");
      this.saw(`what ${name} printed`, program.printed);
      this.saw(`arguments of ${name}`, program.commandLine);
    }
    return this.#seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [, program] of this.#programs) await program[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

/** As documented: whoever has an API key reads the policies of the account. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  "list of /endpoints": ["policy-password", "policy-header"],
};

function expectNoMark(marks: SecretMarks, seen: ReadonlyMap<string, string>): void {
  for (const [what, text] of seen) expect([what, marks.in(text)]).toEqual([what, SHOWN[what] ?? []]);
}

describe.each([
  ["json", "SQLite"],
  ["logfmt", "PostgreSQL"],
])("With a log in %s, and records in %s", (format, kind) => {
  test("no secret of edge, agents, tunnels, callers or visitors is seen by anybody else", async () => {
    await using run = new Run(format);
    const { marks } = run;
    const operatorPort = freePorts(1);
    const managementPort = freePorts(1);

    const tokens = { ofEnvironment: marks.make("edge-token-env"), ofFile: marks.make("edge-token-file") };
    await run.write("tokens", `${tokens.ofFile}\n`);
    const secretsKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
    marks.note("secrets key", secretsKey);
    const database = kind === "SQLite" ? undefined : await databases.create();
    // This server asks for no password, but is told one.
    const store = database?.replace("@", `:${marks.make("database")}@`) ?? "";
    const edge = await run.startEdge(
      [
        "--authtoken-file=tokens",
        "--access-log=access.log",
        `--operator-addr=127.0.0.1:${operatorPort}`,
        `--management-addr=127.0.0.1:${managementPort}`,
      ],
      { GINNEL_AUTHTOKEN: tokens.ofEnvironment, GINNEL_SECRETS_KEY: secretsKey, GINNEL_STORE: store },
    );
    marks.key("key of the edge's authority", readFileSync(run.folder.file("data/local-ca/ca.key"), "utf8"));
    // Told this once, as documented.
    const [told = "", key = ""] = /^API key of the operator \(shown this once\): (\S+)\n/m.exec(edge.printed) ?? [];
    expect(key).not.toBe("");

    const password = marks.make("password");
    const policyPassword = marks.make("policy-password");
    const policy = {
      on_http_request: [
        { actions: [{ type: "basic-auth", config: { credentials: [`user:${policyPassword}`] } }] },
        { actions: [{ type: "add-headers", config: { headers: { "x-secret": marks.make("policy-header") } } }] },
      ],
    };
    await run.write("tls.key", marks.key("key of a tunnel", certificates.server.keyPem));
    await run.write("tls.crt", certificates.server.certPem);
    await run.write("policy.json", policy);
    await run.write("agent.json", {
      version: "2",
      authtoken: tokens.ofFile,
      api_key: marks.make("api-key-file"),
      web_addr: "127.0.0.1:0",
      tunnels: {
        auth: { proto: "http", addr: upstream.port, subdomain: "auth", basic_auth: [`user:${password}`] },
        // The agent API shows policies as they are, as documented: this one is asked for by its name alone.
        policy: { proto: "http", addr: upstream.port, subdomain: "policy", traffic_policy_file: "policy.json" },
        hook: {
          proto: "http",
          addr: upstream.port,
          subdomain: "hook",
          verify_webhook: { provider: "slack", secret: marks.make("webhook") },
          request_header: { add: [`x-secret: ${marks.make("request-header")}`] },
        },
        dead: { proto: "http", addr: 1, subdomain: "dead" },
      },
    });
    const agent = run.start("agent", ["start", "--all", "--config=agent.json"], run.reach);
    const [webLine] = await agent.prints(/.*starting web service.*\n/);
    const webPort = Number(/127\.0\.0\.1:(\d+)/.exec(webLine)?.[1]);
    for (const name of ["auth", "policy", "hook", "dead"]) await agent.prints(new RegExp(`https://${name}\\.`));

    // Tokens that are wrong, and a way that is none.
    const env = run.reach;
    const wrong = { ...env, GINNEL_AUTHTOKEN: marks.make("wrong-token-env") };
    expect(await run.run("an agent that is refused", ["http", "80", "--log=stderr"], wrong)).toBe(1);
    await run.write("proxied.json", {
      version: "2",
      authtoken: tokens.ofEnvironment,
      proxy_url: `http://user:${marks.make("proxy")}@127.0.0.1:1`,
      tunnels: {},
    });
    const proxied = run.start("agent behind a proxy", ["start", "--none", "--config=proxied.json"], env);
    await proxied.prints(/failed to reconnect session.*\n/);

    // Visitors, each with something of their own.
    const fields = { Authorization: `Bearer ${marks.make("visitor-bearer")}`, Cookie: `sid=${marks.make("cookie")}` };
    const body = Buffer.from(marks.make("body"));
    const asked = { headers: { ...fields, "X-Own": marks.make("field") }, method: "POST", body };
    const at = `/asked?token=${marks.make("query")}`;
    expect(await run.visit("nobody's name", `none.${DOMAIN}`, { ...asked, path: at })).toBe(404);
    expect(await run.visit("no service", `dead.${DOMAIN}`, { ...asked, path: at })).toBe(502);
    expect(await run.visit("no signature", `hook.${DOMAIN}`, { ...asked, path: at })).toBe(403);
    for (const host of ["auth", "policy"]) {
      const basic = marks.basic(`wrong password of ${host}`, "user");
      const headers = { ...asked.headers, Authorization: basic };
      expect(await run.visit(`wrong password of ${host}`, `${host}.${DOMAIN}`, { path: at, headers })).toBe(401);
    }
    const headers = { ...asked.headers, Authorization: marks.basic("right password", "user", password) };
    expect(await run.visit("right password", `auth.${DOMAIN}`, { headers, path: at })).toBe(200);
    expect(await run.visit("bad head", `auth.${DOMAIN}`, { headers: { ...fields, Host: "a b" } })).toBe(400);

    // Callers of the management API.
    const called = async (name: string, path: string, sent?: object, bearer = key): Promise<number> => {
      const all = { Authorization: `Bearer ${bearer}`, ...VERSION, "Content-Type": "application/json" };
      const more = sent === undefined ? {} : { method: "POST", body: Buffer.from(JSON.stringify(sent)) };
      return run.visit(name, API, { headers: all, path, ...more });
    };
    expect(await called("wrong API key", "/account", undefined, marks.make("wrong-api-key"))).toBe(401);
    expect(await called("bad body", "/tls_certificates", { private_key_pem: marks.make("bad-key") })).toBe(400);
    marks.key("key of a certificate", certificates.client.keyPem);
    const uploaded = { certificate_pem: certificates.client.certPem, private_key_pem: certificates.client.keyPem };
    expect([201, 400]).toContain(await called("uploaded certificate", "/tls_certificates", uploaded));
    for (const path of ["/credentials", "/api_keys", "/tls_certificates", "/tunnel_sessions", "/endpoints", "/tunnels"])
      expect([200, 404]).toContain(await called(`list of ${path}`, path));
    if (database !== undefined) await databases.cutConnections(database);
    await called("list while the database is lost", "/credentials");
    const session = { Authorization: `Bearer ${key}` };
    await run.visit("dashboard, not signed in", API, { path: "/dashboard/session", headers: session });

    // Programs on the agent's machine. Captures hold what passed, as documented, and are not asked for.
    const web = { headers: { Host: `127.0.0.1:${webPort}` } };
    for (const path of SHOWN_BY_AGENT) {
      expect(await run.visit(`agent's ${path}`, "127.0.0.1", { ...web, path }, webPort)).toBe(200);
    }
    const bad = { proto: "http", addr: "80", basic_auth: [marks.make("bad-basic-auth")] };
    const posted = { headers: { ...web.headers, "Content-Type": "application/json" }, method: "POST" };
    const sent = { ...posted, path: "/api/tunnels", body: Buffer.from(JSON.stringify({ name: "bad", ...bad })) };
    expect(await run.visit("agent's refusal", "127.0.0.1", sent, webPort)).toBe(400);
    for (const path of ["/metrics", "/healthz", "/readyz", "/nowhere"])
      await run.visit(`operator's ${path}`, "127.0.0.1", { path }, operatorPort);

    marks.note("API key of the operator", key);
    const seen = new Map(await run.seen());
    seen.set("what edge printed", (seen.get("what edge printed") ?? "").replace(told, ""));
    seen.set("access log", readFileSync(run.folder.file("access.log"), "utf8"));
    expect(seen.get("access log")).toContain("/asked");
    expectNoMark(marks, seen);

    // Of what was left on disk only the policies of tunnels would be in clear, and those of agents are not kept.
    const files = readdirSync(run.folder.file("data"), { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile() && entry.name !== "ca.key")) {
      const text = readFileSync(join(file.parentPath, file.name), "latin1");
      expect([file.name, marks.in(text)]).toEqual([file.name, []]);
    }
  });
});
