/** Agents with the edge inside, beside each other on one machine: each has ports of its own, and all of them one authority. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { AgentProcess } from "../support/agent-process.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { visit } from "../support/visit.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);

let upstreams: readonly Bun.Server<undefined>[];
beforeAll(() => {
  upstreams = ["first", "second", "third"].map((name) =>
    Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response(name) }),
  );
});
afterAll(async () => {
  await Promise.all(upstreams.map((upstream) => upstream.stop(true)));
});

/** An agent of the user whose home this is, for one of the upstreams. */
function start(home: TemporaryFolder, at: number): Promise<AgentProcess> {
  const env = { HOME: home.path, XDG_STATE_HOME: home.path };
  return AgentProcess.start(["http", String(upstreams[at]?.port), "--bind-tls=both"], { env });
}

interface Urls {
  readonly http: URL;
  readonly https: URL;
}

async function urlsOf(agent: AgentProcess): Promise<Urls> {
  const [http, https] = await Promise.all([agent.url("command_line (http)"), agent.url()]);
  return { http: new URL(http), https: new URL(https) };
}

/** What visitors of both schemes get who trust the authority of the user. */
async function answersOf({ http, https }: Urls, home: TemporaryFolder): Promise<readonly string[]> {
  const { stdout: caPem } = await runProgram(`edge ca --data=${home.file("ginnel")}`, { home: home.path });
  const visited = await Promise.all([
    visit(http.hostname, { port: Number(http.port) }),
    visit(https.hostname, { port: Number(https.port), caPem }),
  ]);
  return visited.map(({ body }) => body.toString());
}

describe("agents with the edge inside", () => {
  test.each([
    ["one after the other", [[0], [1], [2]]],
    ["all at once, of a user who never had one", [[0, 1, 2]]],
  ])("started %s take the next free ports, and all of them serve", async (_, turns) => {
    using home = new TemporaryFolder();
    await using running = new AsyncDisposableStack();
    const agents: AgentProcess[] = [];
    for (const turn of turns) {
      const started = await Promise.all(turn.map(async (at) => running.use(await start(home, at))));
      await Promise.all(started.map(urlsOf));
      agents.push(...started);
    }
    const urls = await Promise.all(agents.map(urlsOf));
    const ports = urls.map(({ http }) => Number(http.port));
    expect(new Set(ports).size).toBe(3);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(4080);
    // A person who knows one of the two knows the other.
    expect(urls.map(({ https }) => Number(https.port) - 4443)).toEqual(ports.map((port) => port - 4080));
    expect(await Promise.all(urls.map((each) => answersOf(each, home)))).toEqual([
      ["first", "first"],
      ["second", "second"],
      ["third", "third"],
    ]);
    for (const { stderr } of agents) expect(stderr.lines).toEqual([]);
  });

  test("leave the others alone when one of them ends, and serve no names of each other", async () => {
    using home = new TemporaryFolder();
    await using leaving = await start(home, 0);
    await using staying = await start(home, 1);
    const [gone, there] = await Promise.all([urlsOf(leaving), urlsOf(staying)]);
    expect((await visit(gone.http.hostname, { port: Number(there.http.port) })).status).toBe(404);
    expect(await leaving.end()).toBe(0);
    expect(await answersOf(there, home)).toEqual(["second", "second"]);
  });
});
