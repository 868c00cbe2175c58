/** The management API steers agents that are processes of their own, compiled and from their sources. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { AgentProcess } from "../support/agent-process.ts";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { ManagedEdge } from "../support/managed-edge.ts";
import { visit } from "../support/visit.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
const LIMIT_MS = 60_000;
const upstream: Bun.Server<undefined> = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: () => new Response("here"),
});
const WEB = { proto: "http", addr: upstream.port, hostname: "web.e.test", schemes: ["http"] };
const MANAGED = { remote_management: true, tunnels: { web: WEB } };

let binary = "";
beforeAll(async () => {
  binary = await builtBinary();
}, BUILD_TIMEOUT_MS);

let edge: ManagedEdge;
beforeEach(async () => {
  edge = await ManagedEdge.open();
});
afterEach(() => edge[Symbol.asyncDispose]());

async function seen(host: string): Promise<string> {
  const { status, body } = await visit(host, { port: edge.ports.http });
  return `${status} ${body.toString()}`;
}

const commandLine = ({ child }: AgentProcess): readonly string[] =>
  readFileSync(`/proc/${child.pid}/cmdline`, "utf8").split("\0");

const PROGRAMS: readonly (readonly [string, () => string | undefined])[] = [
  ["compiled", () => binary],
  ["from its sources", () => undefined],
];

describe.each(PROGRAMS)("an agent that is %s and may be managed", (_, program) => {
  test(
    "stop ends it in order with exit code 0",
    async () => {
      await using agent = await edge.startAgent(MANAGED, ["web"], program());
      await agent.url("web");
      expect(await edge.tell(await edge.onlySession(), "stop")).toEqual([204, ""]);
      expect(await agent.child.exited).toBe(0);
      await agent.logged("command of the edge obeyed", { command: "stop" });
      await agent.log.ended;
      expect([agent.stderr.lines, (await seen("web.e.test")).slice(0, 3)]).toEqual([[], "404"]);
    },
    LIMIT_MS,
  );

  test(
    "restart starts the same command line as the same process, which serves the same name again, as often as it is told",
    async () => {
      await using agent = await edge.startAgent(MANAGED, ["web"], program());
      await agent.url("web");
      const words = commandLine(agent);
      let session = await edge.onlySession();
      for (const _round of [1, 2]) {
        const from = agent.log.lines.length;
        expect(await edge.tell(session, "restart")).toEqual([204, ""]);
        await agent.logged("started tunnel", { name: "web" }, from);
        session = await edge.onlySession(session);
        expect(await seen("web.e.test")).toBe("200 here");
        expect(commandLine(agent)).toEqual(words);
      }
      expect(await edge.tell(session, "stop")).toEqual([204, ""]);
      expect([await agent.child.exited, agent.stderr.lines]).toEqual([0, []]);
    },
    LIMIT_MS,
  );
});

describe("an agent", () => {
  test(
    "a signal ends a process that was restarted as it ends the first one",
    async () => {
      await using agent = await edge.startAgent(MANAGED, ["web"], binary);
      await agent.url("web");
      const from = agent.log.lines.length;
      await edge.tell(await edge.onlySession(), "restart");
      await agent.logged("started tunnel", { name: "web" }, from);
      expect(await agent.end("SIGTERM")).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    "update is refused for want of a source, and the agent goes on",
    async () => {
      await using agent = await edge.startAgent(MANAGED, ["web"]);
      await agent.url("web");
      const [status, text] = await edge.tell(await edge.onlySession(), "update");
      expect([status, text]).toEqual([400, expect.stringContaining("No update source is configured")]);
      expect(await seen("web.e.test")).toBe("200 here");
    },
    LIMIT_MS,
  );

  test(
    "one that nobody may manage refuses everything, logs it, and goes on",
    async () => {
      await using agent = await edge.startAgent({ tunnels: { web: WEB } }, ["web"]);
      await agent.url("web");
      const session = await edge.onlySession();
      for (const command of ["stop", "restart", "update"]) {
        const [status, text] = await edge.tell(session, command);
        expect([status, text]).toEqual([403, expect.stringContaining("remote_management is not on")]);
        await agent.logged("command of the edge refused", { command });
      }
      const body = { proto: "http", addr: "80" };
      const named = await edge.call("POST", "/tunnels", { ...body, tunnel_session_id: session });
      expect([named.status, named.json["error_code"]]).toEqual([403, "ERR_GINNEL_AGENT_FORBIDS"]);
      const unnamed = await edge.call("POST", "/tunnels", body);
      expect([unnamed.status, unnamed.json["error_code"]]).toEqual([400, "ERR_GINNEL_WHICH_AGENT"]);
      expect(await seen("web.e.test")).toBe("200 here");
      expect(agent.child.exitCode).toBeNull();
    },
    LIMIT_MS,
  );

  test(
    "POST /tunnels starts a tunnel that serves visitors and stands in the lists of both sides",
    async () => {
      await using agent = await edge.startAgent({ remote_management: true }, ["--none"]);
      const { addr } = await agent.logged("starting web service");
      await agent.logged("client session established");
      const session = await edge.onlySession();
      const body = { name: "far", proto: "http", addr: upstream.port, hostname: "far.e.test", schemes: ["http"] };
      const made = await edge.call("POST", "/tunnels", body);
      expect([made.status, made.json]).toEqual([
        201,
        expect.objectContaining({ public_url: "http://far.e.test", proto: "http" }),
      ]);
      expect(made.json["tunnel_session"]).toMatchObject({ id: session });
      expect(await seen("far.e.test")).toBe("200 here");
      expect((await edge.call("GET", `/tunnels/${String(made.json["id"])}`)).json).toEqual(made.json);
      const listed: unknown = await (await fetch(`http://${addr}/api/tunnels/far`)).json();
      expect(listed).toMatchObject({ name: "far", config: { addr: `http://localhost:${upstream.port}` } });
      // Its name is taken now, on the agent and at the edge.
      const again = await edge.call("POST", "/tunnels", body);
      expect([again.status, again.json["error_code"]]).toEqual([400, "ERR_GINNEL_AGENT_REFUSES"]);
      expect(again.json["msg"]).toContain("already exists");
    },
    LIMIT_MS,
  );

  test(
    "POST /tunnels opens nothing that only the user of the machine may give away",
    async () => {
      await using agent = await edge.startAgent({ remote_management: true, tunnels: { own: WEB } }, ["--none"]);
      const { addr = "" } = await agent.logged("starting web service");
      await agent.logged("client session established");
      await edge.onlySession();
      const webPort = addr.split(":")[1];
      for (const upstreamAddress of [
        "file:///etc",
        "unix:/run/docker.sock",
        "169.254.169.254",
        `localhost:${webPort}`,
      ]) {
        const { status, json } = await edge.call("POST", "/tunnels", { proto: "http", addr: upstreamAddress });
        expect([status, json["error_code"]]).toEqual([403, "ERR_GINNEL_AGENT_FORBIDS"]);
      }
      const listed: unknown = await (await fetch(`http://${addr}/api/tunnels`)).json();
      expect(listed).toMatchObject({ tunnels: [] });
    },
    LIMIT_MS,
  );
});
