/**
 * Marked secrets in every place that takes one, through whole processes, with everything that can go wrong on the way; then nothing that
 * others can see has a mark: logs, access log, what is printed, metrics, answers, pages of errors, arguments, files, what the DNS hook
 * is told. Each mark has to get where it belongs.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHmac } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CANARY_DOMAIN as DOMAIN, CanaryRun } from "../support/canary-run.ts";
import { freePorts } from "../support/free-ports.ts";
import { OverhearingProxy } from "../support/overhearing-proxy.ts";
import { OverhearingRelay } from "../support/overhearing-relay.ts";
import { type Pebble, startPebble } from "../support/pebble.ts";
import { PostgresDatabases } from "../support/postgres-databases.ts";
import { makeTestCertificates, type TestCertificates } from "../support/test-certificates.ts";
import { visit } from "../support/visit.ts";

setDefaultTimeout(120_000);

const API = `api.${DOMAIN}`;
const VERSION = { "Ngrok-Version": "2" };
const JSON_TYPE = { "Content-Type": "application/json" };
/** Of the account at the authority. */
const EXTERNAL_ID = "kid-1";

const SHOWN_BY_AGENT = [
  "/api",
  "/api/status",
  "/api/config",
  "/api/tunnels",
  "/api/tunnels/auth",
  "/api/tunnels/hook",
  "/api/tunnels/own",
  "/api/endpoints/auth",
  "/api/endpoints/hook",
  "/api/openapi.json",
  "/metrics",
  "/status",
  "/inspect/http",
];

/** Of the account, as programs with a key and pages with a cookie ask for them. */
const LISTS = [
  "/credentials",
  "/api_keys",
  "/tls_certificates",
  "/reserved_domains",
  "/tunnel_sessions",
  "/endpoints",
  "/tunnels",
];

/** As documented: whoever has an API key reads the policies of the account. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  "list of /endpoints": ["policy-password", "policy-header"],
  "dashboard's /endpoints": ["policy-password", "policy-header"],
};

/** Tells what it is told, also to who called it, and fails. */
const HOOK = `#!/bin/sh
{ env; tr '\\0' ' ' </proc/$$/cmdline; } >>"$HOME/hook-told"
env >&2
exit 1
`;

const externalKey = crypto.getRandomValues(new Uint8Array(32));
let certificates: TestCertificates;
let upstream: Bun.Server<undefined>;
/** What the service behind the tunnels got. */
let served = "";
let databases: PostgresDatabases;
let pebble: Pebble;
beforeAll(async () => {
  const httpPort = freePorts(2);
  [certificates, databases, pebble] = await Promise.all([
    makeTestCertificates(),
    PostgresDatabases.start(),
    startPebble({
      httpPort,
      tlsPort: httpPort + 1,
      externalAccounts: { [EXTERNAL_ID]: Buffer.from(externalKey).toString("base64url") },
    }),
  ]);
  upstream = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      served += `${request.url}\n${JSON.stringify([...request.headers])}\n${await request.text()}\n`;
      return new Response("here");
    },
  });
});
afterAll(async () => {
  await upstream.stop(true);
  await pebble[Symbol.asyncDispose]();
  await databases[Symbol.asyncDispose]();
});

function expectNoMark(run: CanaryRun, seen: ReadonlyMap<string, string>): void {
  for (const [what, text] of seen) expect([what, run.marks.in(text)]).toEqual([what, SHOWN[what] ?? []]);
}

/** A call of the API, whose answer others see too; its status. */
type Call = (name: string, path: string, sent?: object, bearer?: string) => Promise<number>;

function callerOf(run: CanaryRun, key: string): Call {
  return (name, path, sent, bearer = key) => {
    const headers = { Authorization: `Bearer ${bearer}`, ...VERSION, ...JSON_TYPE };
    const more = sent === undefined ? {} : { method: "POST", body: Buffer.from(JSON.stringify(sent)) };
    return run.visit(name, API, { headers, path, ...more });
  };
}

/** Makes a record whose secret is told this once, which is a mark; its id, and the secret. */
async function told(
  run: CanaryRun,
  key: string,
  path: string,
): Promise<{ readonly id: string; readonly token: string }> {
  const { body } = await visit(API, {
    port: run.httpsPort,
    caPem: run.caPem,
    path,
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, ...VERSION, ...JSON_TYPE },
    body: Buffer.from("{}"),
  });
  const text = body.toString();
  const [, id = ""] = /"id":"([^"]+)"/.exec(text) ?? [];
  const [, token = ""] = /"token":"([^"]+)"/.exec(text) ?? [];
  expect([id, token]).not.toContain("");
  run.marks.note(`token of ${path}`, token);
  run.saw(`${path} that was made`, text.replace(token, ""));
  return { id, token };
}

/** Visitors with secrets of their own. */
async function visitAll(run: CanaryRun, password: string, policyPassword: string, webhook: string): Promise<void> {
  const { marks } = run;
  const fields = { Authorization: `Bearer ${marks.make("visitor-bearer")}`, Cookie: `sid=${marks.make("cookie")}` };
  const body = Buffer.from(marks.make("body"));
  const path = `/asked?token=${marks.make("query")}`;
  const asked = { headers: { ...fields, "X-Own": marks.make("field") }, method: "POST", body, path };
  const at = (name: string): string => `${name}.${DOMAIN}`;
  expect(await run.visit("nobody's name", at("none"), asked)).toBe(404);
  expect(await run.visit("no service", at("dead"), asked)).toBe(502);
  expect(await run.visit("no signature", at("hook"), asked)).toBe(403);
  for (const name of ["auth", "policy"]) {
    const place = `wrong password of ${name}`;
    const headers = { ...asked.headers, Authorization: marks.basic(place, "user") };
    expect(await run.visit(place, at(name), { path, headers })).toBe(401);
    marks.arrived(place);
  }
  const right = { ...asked.headers, Authorization: marks.basic("password", "user", password) };
  expect(await run.visit("right password", at("auth"), { headers: right, path })).toBe(200);
  marks.arrived("password");
  const policyRight = { Authorization: marks.basic("policy-password", "user", policyPassword) };
  expect(await run.visit("right password of a policy", at("policy"), { headers: policyRight })).toBe(200);
  marks.arrived("policy-password");
  const time = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", webhook).update(`v0:${time}:`).update(body).digest("hex");
  const signed = { "X-Slack-Request-Timestamp": time, "X-Slack-Signature": `v0=${signature}` };
  const posted = { headers: signed, method: "POST", body };
  expect(await run.visit("right signature", at("hook"), posted)).toBe(200);
  marks.arrived("webhook");
  expect(await run.visit("a service for everybody", at("plain"), asked)).toBe(200);
  const own = { caPem: certificates.caPem };
  expect(await run.visit("TLS that ends at the agent", "good.test", own)).toBe(200);
  marks.arrived("key of a tunnel");
  expect(await run.visit("bad head", at("auth"), { headers: { ...fields, Host: "a b" } })).toBe(400);
}

/** Somebody signs in, and looks at everything. */
async function useDashboard(run: CanaryRun, key: string): Promise<void> {
  const where = { port: run.httpsPort, caPem: run.caPem };
  const bearer = { Authorization: `Bearer ${key}` };
  expect(await run.visit("dashboard, not signed in", API, { path: "/dashboard/session", headers: bearer })).toBe(401);
  const { status, headers, body } = await visit(API, {
    ...where,
    path: "/dashboard/session",
    method: "POST",
    headers: { ...VERSION, ...JSON_TYPE, "Ginnel-Dashboard": "1" },
    body: Buffer.from(JSON.stringify({ api_key: key })),
  });
  expect(status).toBe(204);
  run.saw("sign-in", body.toString());
  const [cookie = ""] = String(headers["set-cookie"]).split(";");
  const [, session = ""] = cookie.split("=");
  expect(session).not.toBe("");
  run.marks.note("dashboard cookie", session);
  for (const path of ["/session", "/traffic", "/audit", ...LISTS.map((list) => `/api${list}`)]) {
    const asked = { path: `/dashboard${path}`, headers: { Cookie: cookie, ...VERSION } };
    expect([path, await run.visit(`dashboard's ${path.replace("/api", "")}`, API, asked)]).toEqual([path, 200]);
  }
  run.marks.arrived("dashboard cookie");
}

/** An agent with a random TCP port, which it keeps with a proof; between it and its edge somebody listens. */
async function keepRandomPort(run: CanaryRun, authtoken: string): Promise<void> {
  const edge = { port: run.httpsPort, caPem: run.caPem, domain: DOMAIN };
  await using relay = await OverhearingRelay.start(certificates.server, edge);
  await run.write("relay.pem", certificates.caPem);
  const env = {
    GINNEL_SERVER_ADDR: `127.0.0.1:${relay.port}`,
    GINNEL_ROOT_CAS: run.folder.file("relay.pem"),
    GINNEL_AUTHTOKEN: authtoken,
  };
  const agent = run.start("agent with a port", ["tcp", String(upstream.port)], env);
  await agent.prints(/started tunnel[^\n]*tcp:\/\/[^\n]*\n/);
  const [, proof = ""] = /"Token":"([\w-]{43})"/.exec(relay.fromEdge) ?? [];
  expect(proof).not.toBe("");
  run.marks.note("proof of a port", proof);
  relay.cut();
  await agent.prints(/session closed[^]*client session established[^]*\n/);
  await agent.end("SIGTERM");
  run.marks.arrivedIn(relay.fromAgents);
}

describe.each([
  ["json", "SQLite", 1],
  ["logfmt", "PostgreSQL", 2],
])("With a log in %s, records in %s and processes: %d,", (format, kind, workers) => {
  test("no secret of edge, agents, tunnels, callers or visitors is seen by anybody else", async () => {
    await using run = new CanaryRun(format);
    const { marks } = run;
    const operatorPort = freePorts(1);
    const managementPort = freePorts(1);
    const tcpPort = freePorts(2);

    const tokens = { ofEnvironment: marks.make("edge-token-env"), ofFile: marks.make("edge-token-file") };
    await run.write("tokens", `${tokens.ofFile}\n`);
    const secretsKey = crypto.getRandomValues(new Uint8Array(32));
    marks.note("secrets key", secretsKey);
    const database = kind === "SQLite" ? undefined : await databases.create();
    // This server asks for no password, but is told one.
    const store = database?.replace("@", `:${marks.make("database")}@`) ?? "";
    marks.note("key of an external account", externalKey);
    await run.write("hook", HOOK);
    chmodSync(run.folder.file("hook"), 0o700);
    await run.write("roots.pem", pebble.roots.join(""));
    const edge = await run.startEdge(
      [
        "--authtoken-file=tokens",
        "--access-log=access.log",
        "--reserve=good.test",
        "--acme-agree=true",
        "--acme-roots=roots.pem",
        "--acme-dns-hook=./hook",
        `--acme-eab-kid=${EXTERNAL_ID}`,
        `--workers=${workers}`,
        `--tcp-ports=${tcpPort}-${tcpPort + 1}`,
        `--operator-addr=127.0.0.1:${operatorPort}`,
        `--management-addr=127.0.0.1:${managementPort}`,
      ],
      {
        GINNEL_AUTHTOKEN: tokens.ofEnvironment,
        GINNEL_SECRETS_KEY: Buffer.from(secretsKey).toString("hex"),
        GINNEL_STORE: store,
        GINNEL_ACME: `${pebble.directoryUrl}?key=${marks.make("acme-url")}`,
        GINNEL_ACME_EAB_KEY: Buffer.from(externalKey).toString("base64url"),
      },
    );
    expect(existsSync(run.folder.file("data/secrets.key"))).toBe(false);
    expect(existsSync(run.folder.file("data/ginnel.db"))).toBe(database === undefined);
    if (database !== undefined) marks.arrived("database");
    if (workers > 1) await edge.prints(/worker ready.*\n/);
    run.sawChildrenOf("edge", edge);
    marks.key("key of the edge's authority", readFileSync(run.folder.file("data/local-ca/ca.key"), "utf8"));
    // Told this once, as documented.
    const [toldLine = "", key = ""] = /^API key of the operator \(shown this once\): (\S+)\n/m.exec(edge.printed) ?? [];
    expect(key).not.toBe("");

    const password = marks.make("password");
    const policyPassword = marks.make("policy-password");
    const webhook = marks.make("webhook");
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
      api_url: `http://127.0.0.1:${managementPort}`,
      web_addr: "127.0.0.1:0",
      tunnels: {
        auth: { proto: "http", addr: upstream.port, subdomain: "auth", basic_auth: [`user:${password}`] },
        // The agent API shows policies as they are, as documented: this one is asked for by its name alone.
        policy: { proto: "http", addr: upstream.port, subdomain: "policy", traffic_policy_file: "policy.json" },
        hook: {
          proto: "http",
          addr: upstream.port,
          subdomain: "hook",
          verify_webhook: { provider: "slack", secret: webhook },
          request_header: { add: [`x-secret: ${marks.make("request-header")}`] },
        },
        plain: { proto: "http", addr: upstream.port, subdomain: "plain" },
        own: { proto: "tls", addr: upstream.port, hostname: "good.test", crt: "tls.crt", key: "tls.key" },
        dead: { proto: "http", addr: 1, subdomain: "dead" },
      },
    });
    const agent = run.start("agent", ["start", "--all", "--config=agent.json"], run.reach);
    const [webLine] = await agent.prints(/.*starting web service.*\n/);
    const webPort = Number(/127\.0\.0\.1:(\d+)/.exec(webLine)?.[1]);
    for (const name of ["auth", "policy", "hook", "plain", "dead"])
      await agent.prints(new RegExp(`https://${name}\\.`));
    await agent.prints(/tls:\/\/good\.test/);
    marks.arrived("edge-token-file");

    // Tokens that are wrong, and ways that are none.
    const env = run.reach;
    const wrong = { ...env, GINNEL_AUTHTOKEN: marks.make("wrong-token-env") };
    expect(await run.run("an agent that is refused", ["http", "80", "--log=stderr"], wrong)).toMatch(
      /^1 [^]*ERR_NGROK_107/,
    );
    marks.arrived("wrong-token-env");
    await using proxy = await OverhearingProxy.start();
    const proxied = { version: "2", authtoken: tokens.ofEnvironment, web_addr: "127.0.0.1:0", tunnels: {} };
    for (const [place, port, line] of [
      ["proxy that is away", 1, /failed to reconnect session.*\n/],
      ["proxy", proxy.port, /client session established.*\n/],
    ] as const) {
      const secret = marks.make(place.replaceAll(" ", "-"));
      marks.basic(place.replaceAll(" ", "-"), "user", secret);
      await run.write(`${port}.json`, { ...proxied, proxy_url: `http://user:${secret}@127.0.0.1:${port}` });
      await run.start(`agent behind a ${place}`, ["start", "--none", `--config=${port}.json`], env).prints(line);
    }
    marks.arrivedIn(proxy.credentials.join("\n"));
    marks.arrived("proxy-that-is-away", "edge-token-env");

    await visitAll(run, password, policyPassword, webhook);
    marks.arrived("key of the edge's authority");
    marks.arrivedIn(served);
    // For the names below the base domain, once a visitor came.
    await edge.prints(/the DNS hook failed.*\n/);
    marks.arrived("acme-url", "key of an external account");
    run.saw("what the DNS hook was told", readFileSync(run.folder.file("hook-told"), "utf8"));

    // Callers of the management API.
    const called = callerOf(run, key);
    expect(await called("wrong API key", "/account", undefined, marks.make("wrong-api-key"))).toBe(401);
    expect(await called("bad body", "/tls_certificates", { private_key_pem: marks.make("bad-key") })).toBe(400);
    marks.arrived("wrong-api-key", "bad-key");
    marks.key("key of a certificate", certificates.client.keyPem);
    const uploaded = { certificate_pem: certificates.client.certPem, private_key_pem: certificates.client.keyPem };
    expect(await called("uploaded certificate", "/tls_certificates", uploaded)).toBe(201);
    marks.arrived("key of a certificate", "secrets key");
    const credential = await told(run, key, "/credentials");
    const secondKey = await told(run, key, "/api_keys");
    expect(await called("with a second key", "/account", undefined, secondKey.token)).toBe(200);
    marks.arrived("token of /api_keys");
    await keepRandomPort(run, credential.token);
    for (const path of [...LISTS, `/credentials/${credential.id}`, `/api_keys/${secondKey.id}`])
      expect([path, await called(`list of ${path}`, path)]).toEqual([path, 200]);
    const apiCall = ["api", "account", "get", "--config=agent.json"];
    expect(await run.run("a call with a key that is wrong", apiCall)).toMatch(/^1 [^]*401/);
    marks.arrived("api-key-file");
    await useDashboard(run, key);
    if (database !== undefined) await databases.cutConnections(database);
    await called("list while the database is lost", "/credentials");

    // Programs on the agent's machine. Captures hold what passed, as documented, and are not asked for.
    const web = { headers: { Host: `127.0.0.1:${webPort}` }, port: webPort };
    for (const path of SHOWN_BY_AGENT)
      expect([path, await run.visit(`agent's ${path}`, "127.0.0.1", { ...web, path })]).toEqual([path, 200]);
    const bad = { name: "bad", proto: "http", addr: "80", basic_auth: [marks.make("bad-basic-auth")] };
    const headers = { ...web.headers, ...JSON_TYPE };
    const sent = { ...web, headers, method: "POST", path: "/api/tunnels", body: Buffer.from(JSON.stringify(bad)) };
    expect(await run.visit("agent's refusal", "127.0.0.1", sent)).toBe(400);
    marks.arrived("bad-basic-auth");
    for (const path of ["/metrics", "/healthz", "/readyz", "/nowhere"])
      await run.visit(`operator's ${path}`, "127.0.0.1", { path, port: operatorPort });

    marks.note("API key of the operator", key);
    marks.arrived("API key of the operator");
    const seen = new Map(await run.seen());
    seen.set("what edge printed", (seen.get("what edge printed") ?? "").replace(toldLine, ""));
    seen.set("access log", readFileSync(run.folder.file("access.log"), "utf8"));
    expect(seen.get("access log")).toContain("/asked");
    expect(marks.astray).toEqual([]);
    expectNoMark(run, seen);

    // Of what was left on disk only the policies of tunnels would be in clear, and those of agents are not kept. By the URL of the
    // authority the records know the account there, as documented.
    const files = readdirSync(run.folder.file("data"), { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile() && entry.name !== "ca.key")) {
      const text = readFileSync(join(file.parentPath, file.name), "latin1");
      const places = marks.in(text).filter((place) => place !== "acme-url" || !file.name.startsWith("ginnel.db"));
      expect([file.name, places]).toEqual([file.name, []]);
    }
  });
});
