/** `ginnel edge` with its records: the first start, the management API, offline commands, crashes, backups, and a store that is gone. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { AgentProcess } from "../support/agent-process.ts";
import { EDGE_DOMAIN } from "../support/edge-process.ts";
import { freePorts } from "../support/free-ports.ts";
import { PostgresDatabases } from "../support/postgres-databases.ts";
import { API_HOST, RecordedEdge } from "../support/recorded-edge.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { visit, visitUrl } from "../support/visit.ts";

const LIMIT_MS = 60_000;
const TRIES = 20;

let databases: PostgresDatabases;
const upstream = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("here") });

beforeAll(async () => {
  databases = await PostgresDatabases.start();
}, LIMIT_MS);

afterAll(async () => {
  await databases[Symbol.asyncDispose]();
  await upstream.stop(true);
});

function agentOf(edge: RecordedEdge, authtoken: string): Promise<AgentProcess> {
  const argv = ["http", String(upstream.port), "--inspect=false", ...edge.reach(authtoken)];
  return AgentProcess.start(argv, { files: { "ca.pem": edge.caPem } });
}

/** An agent with a token that another process has made: a second may pass before the edge knows it. */
async function admitted(edge: RecordedEdge, authtoken: string): Promise<AgentProcess> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const agent = await agentOf(edge, authtoken);
    const url = await agent.url().catch(() => undefined); // it was refused, and has ended
    if (url !== undefined) return agent;
    await agent[Symbol.asyncDispose]();
  }
  throw new Error("the token lets no agent in");
}

/** Settings that say where the records are. */
const STORES: readonly (readonly [string, () => Promise<Readonly<Record<string, string>>>])[] = [
  ["SQLite", async () => ({})],
  ["PostgreSQL", async () => ({ GINNEL_STORE: await databases.create() })],
];

describe.each(STORES)("an edge with records in %s", (_, newStore) => {
  test(
    "an edge tells a token and a key at its first start only, and both let in from then on",
    async () => {
      using folder = new TemporaryFolder();
      const options = { folder: folder.path, env: await newStore(), flags: ["--management-addr=0"] };
      await using first = await RecordedEdge.start(options);
      const [authtoken = "", key = ""] = first.told;
      expect(first.told.length).toBe(2);
      const api = `https://${API_HOST}:${first.httpsPort}/`;
      expect(first.output.lines).toContain(`Dashboard and API, with that key: ${api}`);
      expect(first.ready["api"]).toBe(api);
      expect(await first.end()).toBe(0);
      await using second = await RecordedEdge.start(options);
      expect(second.told).toEqual([]);
      expect(second.output.lines.filter((line) => !line.startsWith("{"))).toEqual([]);
      expect(second.ready["api"]).toBe(`https://${API_HOST}:${second.httpsPort}/`);

      await using agent = await agentOf(second, authtoken);
      const url = await agent.url();
      expect((await visitUrl(url, second.caPem)).body.toString()).toBe("here");
      const { status, json } = await second.call(key, "GET", "/credentials");
      expect(status).toBe(200);
      const credentials = json["credentials"] as readonly { readonly id: string }[]; // of our own API
      expect(credentials).toEqual([expect.objectContaining({ token: null })]);
      const headers = { Authorization: `Bearer ${key}`, "Ngrok-Version": "2" };
      const sessions = await fetch(`http://127.0.0.1:${second.ready["management"]}/tunnel_sessions`, { headers });
      expect(await sessions.json()).toMatchObject({
        tunnel_sessions: [{ credential: { id: credentials[0]?.id } }],
        uri: `https://api.${EDGE_DOMAIN}:${second.httpsPort}/tunnel_sessions`,
      });

      const deleted = await second.call(key, "DELETE", `/credentials/${credentials[0]?.id}`);
      expect(deleted.status).toBe(204);
      expect(await agent.child.exited).toBe(1);
      expect(second.output.lines.filter((line) => /"lvl":"(?:eror|crit)"/.test(line))).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "an edge that is killed keeps what it has acknowledged, and forgets who was online",
    async () => {
      using folder = new TemporaryFolder();
      const options = { folder: folder.path, env: await newStore() };
      await using first = await RecordedEdge.start(options);
      const [authtoken = "", key = ""] = first.told;
      await using agent = await agentOf(first, authtoken);
      await agent.url();
      const made = await first.call(key, "POST", "/credentials", { description: "kept" });
      await first.end("SIGKILL");
      await agent.end("SIGKILL");
      await using second = await RecordedEdge.start(options);
      const { id, token } = made.json;
      expect((await second.call(key, "GET", `/credentials/${String(id)}`)).json).toMatchObject({ description: "kept" });
      expect((await second.call(key, "GET", "/tunnel_sessions")).json).toMatchObject({ tunnel_sessions: [] });
      await using other = await agentOf(second, String(token));
      expect(await other.url()).toContain(EDGE_DOMAIN);
    },
    LIMIT_MS,
  );

  test(
    "edge admin makes what lets in while the edge runs, and disables an account with its agents",
    async () => {
      using folder = new TemporaryFolder();
      const store = await newStore();
      await using edge = await RecordedEdge.start({ folder: folder.path, env: store });
      const admin = async (line: string): Promise<string> => {
        const flags = store["GINNEL_STORE"] === undefined ? "" : ` --store=${store["GINNEL_STORE"]}`;
        const outcome = await runProgram(`edge admin ${line} --data=data${flags}`, { home: folder.path });
        expect(outcome).toMatchObject({ code: 0, stderr: "" });
        return outcome.stdout;
      };
      await admin("account create --name=team");
      const [, token = ""] = /shown this once\): (\S+)\n$/.exec(await admin("authtoken create --account=team")) ?? [];
      const [, key = ""] = /shown this once\): (\S+)\n$/.exec(await admin("api-key create --account=team")) ?? [];
      expect((await edge.call(key, "GET", "/account")).json).toMatchObject({ name: "team" });
      expect((await edge.call(key, "GET", "/credentials")).json["credentials"]).toHaveLength(1);
      await using agent = await admitted(edge, token);
      await admin("account disable team");
      expect(await agent.child.exited).toBe(1);
      expect((await edge.call(key, "GET", "/account")).status).toBe(401);
      expect(await admin("account list")).toMatch(/ team +\S+ +disabled +none\n/);
    },
    LIMIT_MS,
  );

  test(
    "an edge and its check refuse another key than the one that the records were sealed with",
    async () => {
      using folder = new TemporaryFolder();
      const env = await newStore();
      await using edge = await RecordedEdge.start({ folder: folder.path, env });
      await edge.end();
      writeFileSync(folder.file("data/secrets.key"), `${"ab".repeat(32)}\n`);
      const store = env["GINNEL_STORE"] === undefined ? "" : `--store=${env["GINNEL_STORE"]}`;
      for (const command of ["edge", "edge check"]) {
        const line = `${command} --domain=x.test --https=127.0.0.1:0 --http=off --data=data ${store}`;
        const { code, stdout, stderr } = await runProgram(line, { home: folder.path });
        expect([command, code, stdout]).toEqual([command, 1, ""]);
        expect(stderr).toContain("sealed with another key than the one given");
      }
    },
    LIMIT_MS,
  );
});

describe("an edge with records", () => {
  test(
    "an edge writes no secret into its log",
    async () => {
      using folder = new TemporaryFolder();
      await using edge = await RecordedEdge.start({
        folder: folder.path,
        flags: ["--log-level=debug", "--access-log=log"],
      });
      const [authtoken = "", key = ""] = edge.told;
      const made = await edge.call(key, "POST", "/api_keys", {});
      await edge.call("ak_not-a-key-but-secret", "GET", "/account");
      await using agent = await agentOf(edge, authtoken);
      await visitUrl(await agent.url(), edge.caPem);
      await using refused = await agentOf(edge, "not-a-token-but-secret");
      await refused.child.exited;
      await edge.end();
      await edge.output.ended;
      const log = edge.output.lines.filter((line) => line.startsWith("{")).join("\n");
      const secrets = [authtoken, key, String(made.json["token"]), "not-a-key-but-secret", "not-a-token-but-secret"];
      expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
      // Nor does anything beside the log have them.
      const files = readdirSync(folder.file("data"), { recursive: true, withFileTypes: true });
      for (const file of files.filter((entry) => entry.isFile())) {
        const text = readFileSync(`${file.parentPath}/${file.name}`, "latin1");
        expect([file.name, secrets.filter((secret) => text.includes(secret))]).toEqual([file.name, []]);
      }
    },
    LIMIT_MS,
  );

  test(
    "an edge answers its management address in TLS where others can reach it",
    async () => {
      using folder = new TemporaryFolder();
      await using edge = await RecordedEdge.start({ folder: folder.path, flags: ["--management-addr=0.0.0.0:0"] });
      const [, key = ""] = edge.told;
      const headers = { Authorization: `Bearer ${key}`, "Ngrok-Version": "2" };
      const at = { port: Number(edge.ready["management"]), headers };
      const { status, body } = await visit(API_HOST, { ...at, caPem: edge.caPem, path: "/account" });
      expect([status, body.toString()]).toEqual([200, expect.stringContaining('"operator"')]);
      expect(visit(API_HOST, { ...at, path: "/account" })).rejects.toThrow();
      const browser = { Accept: "text/html" };
      const page = await visit(API_HOST, { port: edge.httpsPort, caPem: edge.caPem, headers: browser });
      expect([page.status, page.headers["location"]]).toEqual([302, "/dashboard/"]);
    },
    LIMIT_MS,
  );

  const OWN_AGENTS = ["--https=off", "--agents=127.0.0.1:0"];
  test.each([
    ["behind another https port", ["--public-https-port=443"], () => `https://${API_HOST}/`],
    ["at an address of their own", [...OWN_AGENTS, "--management-addr=0"], (port = "") => `http://127.0.0.1:${port}/`],
    ["nowhere", OWN_AGENTS, () => undefined],
  ] as const)(
    "an edge says that its API and dashboard are %s",
    async (_, flags, url) => {
      using folder = new TemporaryFolder();
      await using edge = await RecordedEdge.start({ folder: folder.path, flags });
      const shown = url(edge.ready["management"]);
      expect(edge.ready["api"]).toBe(shown);
      const lines = edge.output.lines.filter((line) => line.startsWith("Dashboard"));
      expect(lines).toEqual(shown === undefined ? [] : [`Dashboard and API, with that key: ${shown}`]);
    },
    LIMIT_MS,
  );

  test(
    "an edge refuses a data folder that cannot be written, and says so",
    async () => {
      using folder = new TemporaryFolder();
      // Where even root can make none.
      const line = "edge --domain=x.test --https=127.0.0.1:0 --http=off --data=/proc/no-such-folder";
      const { code, stdout, stderr } = await runProgram(line, { home: folder.path });
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain("cannot be kept in /proc/no-such-folder/secrets.key");
      expect(stderr).toContain("Give the edge a data folder that can be written");
      expect(stderr).not.toContain("Internal error");
    },
    LIMIT_MS,
  );

  test.each([
    ["a server that does not answer", "postgres://nobody:hush@127.0.0.1:1/none"],
    ["a file that is no database", "sqlite://text.db"],
  ])(
    "edge check tells of %s, and repeats no password",
    async (_, url) => {
      using folder = new TemporaryFolder();
      writeFileSync(folder.file("text.db"), "no database at all ".repeat(1000));
      const line = `edge check --domain=x.test --https=127.0.0.1:0 --http=off --data=data --store=${url}`;
      const { code, stdout, stderr } = await runProgram(line, { home: folder.path });
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain("the database ");
      expect(stderr).not.toMatch(/hush|Internal error/);
      expect(readdirSync(folder.path)).not.toContain("data");
    },
    LIMIT_MS,
  );

  test(
    "edge backup copies the records of a running edge, and a new edge starts from the copy",
    async () => {
      using folder = new TemporaryFolder();
      using fresh = new TemporaryFolder();
      await using edge = await RecordedEdge.start({ folder: folder.path });
      const [authtoken = "", key = ""] = edge.told;
      await edge.call(key, "POST", "/reserved_domains", { domain: "www.example.org" });
      const line = `edge backup ${folder.file("copy.db")} --data=data`;
      const outcome = await runProgram(line, { home: folder.path });
      expect(outcome).toMatchObject({ code: 0, stderr: "" });
      expect(outcome.stdout).toContain(`Keep the key too, in another place: ${folder.file("data/secrets.key")}\n`);
      expect(statSync(folder.file("copy.db")).mode & 0o777).toBe(0o600);
      expect((await runProgram(line, { home: folder.path })).code).toBe(1);
      await edge.end();

      await Bun.write(fresh.file("data/ginnel.db"), Bun.file(folder.file("copy.db")));
      await Bun.write(fresh.file("data/secrets.key"), Bun.file(folder.file("data/secrets.key")));
      rmSync(folder.file("data"), { recursive: true });
      await using restored = await RecordedEdge.start({ folder: fresh.path });
      expect(restored.told).toEqual([]);
      const { json } = await restored.call(key, "GET", "/reserved_domains");
      expect(json["reserved_domains"]).toEqual([expect.objectContaining({ domain: "www.example.org" })]);
      await using agent = await agentOf(restored, authtoken);
      expect(await agent.url()).toContain(EDGE_DOMAIN);
    },
    LIMIT_MS,
  );

  test(
    "an edge whose store is gone serves visitors and agents that it knows, is not ready, and counts what failed",
    async () => {
      using folder = new TemporaryFolder();
      const server = await PostgresDatabases.start();
      const operator = freePorts(1);
      await using edge = await RecordedEdge.start({
        folder: folder.path,
        env: { GINNEL_STORE: await server.create() },
        flags: [`--operator-addr=${operator}`],
      });
      const [authtoken = "", key = ""] = edge.told;
      await using agent = await agentOf(edge, authtoken);
      const url = await agent.url();
      const operatorSays = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${operator}${path}`);
      expect((await operatorSays("/readyz")).status).toBe(200);
      await server[Symbol.asyncDispose]();
      const unready = await operatorSays("/readyz");
      expect([unready.status, await unready.text()]).toEqual([503, "failed: store\n"]);
      expect((await visitUrl(url, edge.caPem)).body.toString()).toBe("here");
      await using late = await agentOf(edge, authtoken);
      expect((await visitUrl(await late.url(), edge.caPem)).body.toString()).toBe("here");
      const refused = await edge.call(key, "GET", "/credentials");
      expect(refused).toMatchObject({ status: 503, json: { error_code: "ERR_GINNEL_STORE" } });
      expect(await (await operatorSays("/metrics")).text()).toMatch(
        /^ginnel_edge_store_errors_total\{failure="gone"\} [1-9]/m,
      );
      expect(edge.child.exitCode).toBeNull();
      const unseen = '"changes of the records are not seen"';
      await edge.output.find((line) => (line.includes(unseen) ? line : undefined));
      expect(await edge.end()).toBe(0);
      await edge.output.ended;
      // What the database's driver has to say stands in the log, and nowhere else.
      const log = edge.output.lines.slice(edge.output.lines.findIndex((line) => line.includes('"edge ready"')));
      expect(log.filter((line) => !line.startsWith("{"))).toEqual([]);
      expect(log.filter((line) => line.includes(unseen))).toEqual([expect.stringContaining('"lvl":"warn"')]);
      expect(await edge.child.stderr.text()).toBe("");
    },
    LIMIT_MS,
  );
});
