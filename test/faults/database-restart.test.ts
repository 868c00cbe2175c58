/** The database server of an edge ends and is there again: what works goes on, nothing acknowledged is lost, and nobody has to restart the edge. */
import { afterAll, expect, test } from "bun:test";
import { AgentProcess } from "../support/agent-process.ts";
import { faultLines } from "../support/fault-lines.ts";
import { FAULT_LIMIT_MS } from "../support/fault-scene.ts";
import { freePorts } from "../support/free-ports.ts";
import { PostgresDatabases } from "../support/postgres-databases.ts";
import { RecordedEdge } from "../support/recorded-edge.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { visitUrl } from "../support/visit.ts";

/** Made before the server ends: it ends in the middle of the next. Programs of an account may call 120 times in a minute. */
const FIRST_MADE = 20;

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here") });
afterAll(() => upstream.stop(true));

test.each([
  ["is stopped", "SIGINT", []],
  // Whether a commit that was under way is kept nobody can tell.
  ["is killed", "SIGKILL", ["503 ERR_GINNEL_STORE_UNSURE"]],
] as const)(
  "an edge whose database server %s serves, refuses changes, and goes on when it is back, with what others changed",
  async (_, signal, further) => {
    using folder = new TemporaryFolder();
    await using server = await PostgresDatabases.start();
    const store = await server.create();
    const operator = freePorts(1);
    await using edge = await RecordedEdge.start({
      folder: folder.path,
      env: { GINNEL_STORE: store },
      flags: [`--operator-addr=${operator}`],
    });
    const [authtoken = "", key = ""] = edge.told;
    const readiness = async (): Promise<number> => (await fetch(`http://127.0.0.1:${operator}/readyz`)).status;
    const acknowledged: Made[] = [];
    const make = async (): Promise<string> => {
      const { status, json } = await edge.call(key, "POST", "/credentials", {});
      const { id = "", token = "", error_code: code = "" } = json as Readonly<Record<string, string>>; // of our own API
      if (status === 201) acknowledged.push({ id, token });
      return `${status} ${code}`;
    };
    const online = async (token: string): Promise<AgentProcess> => {
      const argv = ["http", upstream.url.host, "--inspect=false", ...edge.reach(token)];
      const agent = await AgentProcess.start(argv, { files: { "ca.pem": edge.caPem } });
      await expectServed(agent);
      return agent;
    };
    const expectServed = async (agent: AgentProcess): Promise<void> => {
      expect((await visitUrl(await agent.url(), edge.caPem)).body.toString()).toBe("here");
    };

    await make();
    const [other = { id: "", token: "" }] = acknowledged;
    await using agent = await online(authtoken);
    await using otherAgent = await online(other.token);
    let ended: Promise<void> | undefined;
    let last = "201 ";
    while (last === "201 ") {
      if (acknowledged.length === FIRST_MADE) ended = server.stop(signal);
      last = await make();
    }
    expect(["503 ERR_GINNEL_STORE", ...further]).toContain(last);
    await ended;
    expect(await make()).toBe("503 ERR_GINNEL_STORE");
    expect(await readiness()).toBe(503);
    await expectServed(agent);
    await using late = await online(authtoken);

    await server.again();
    const revocation = `edge admin authtoken delete ${other.id} --data=data --store=${store}`;
    expect(await runProgram(revocation, { home: folder.path })).toMatchObject({ code: 0, stderr: "" });
    // Nobody asks the edge for anything meanwhile.
    expect(await otherAgent.child.exited).toBe(1);
    expect(await make()).toBe("201 ");
    expect(await readiness()).toBe(200);
    await Promise.all([agent, late].map(expectServed));
    const listed = async <T>(name: string): Promise<readonly T[]> =>
      (await edge.call(key, "GET", `/${name}`)).json[name] as readonly T[]; // of our own API
    const kept = new Set((await listed<Made>("credentials")).map(({ id }) => id));
    expect(acknowledged.filter(({ id }) => !kept.has(id))).toEqual([other]);
    // Of the agent that came before the server ended, and of the one that came while it was away.
    await edge.output.find((line) => (line.includes('"who is online is recorded again"') ? line : undefined));
    const sessions = await listed<{ readonly credential: { readonly id: string } }>("tunnel_sessions");
    expect(sessions.filter(({ credential }) => credential.id !== other.id)).toHaveLength(2);
    expect(faultLines(edge.output.lines)).toEqual([]);
  },
  FAULT_LIMIT_MS,
);

interface Made {
  readonly id: string;
  readonly token: string;
}
