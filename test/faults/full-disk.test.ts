/** The disk of an edge is full, for its records and its access log at once: what works goes on, and nothing acknowledged is lost. */
import { afterAll, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { agentOf } from "../support/agent-of-edge.ts";
import { CredentialMaker, MADE } from "../support/credential-maker.ts";
import { EDGE_DOMAIN, EdgeProcess } from "../support/edge-process.ts";
import { FAULT_LIMIT_MS } from "../support/fault-scene.ts";
import { freePorts } from "../support/free-ports.ts";
import { TELLS_ITS_INSIDES, timersIn } from "../support/inside-process.ts";
import { descriptorsOf, settles } from "../support/process-holdings.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { visit } from "../support/visit.ts";

const HOST = `app.${EDGE_DOMAIN}`;
const IN_A_SMALL_DISK = 'mount -t tmpfs -o size=4m none "$0" && exec "$@"';
/** More than the database still has room for in its files, whatever it keeps there. */
const MANY = 2_000;

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
afterAll(() => upstream.stop(true));

test(
  "an edge on a full disk serves visitors and agents, refuses changes, keeps what it acknowledged, and goes on with room",
  async () => {
    using folder = new TemporaryFolder();
    const disk = folder.file("disk");
    mkdirSync(disk);
    const management = freePorts(1);
    // A file system of its own, which ends with the process.
    const runs = ["env", `BUN_OPTIONS=${TELLS_ITS_INSIDES}`];
    const enter = ["unshare", "--mount", "sh", "-c", IN_A_SMALL_DISK, disk, ...runs];
    const where = [`--store=sqlite://${disk}/ginnel.db`, `--access-log=${disk}/access.log`];
    await using edge = await EdgeProcess.startIn(enter, ...where, `--management-addr=${management}`);
    const serve = async (name: string): Promise<void> => {
      await using agent = await agentOf(edge, ["http", `--url=http://${name}`, upstream.url.host]);
      await agent.url();
      expect((await visit(name, { port: edge.ports.http })).status).toBe(200);
    };
    const changes = new CredentialMaker(management, edge.apiKey);

    await serve(HOST);
    expect(await changes.make()).toBe(MADE);
    const before = { descriptors: descriptorsOf(edge.pid), timers: await timersIn(edge.pid, edge.log) };
    // In the mount namespace of the edge.
    const filler = `/proc/${edge.pid}/root${disk}/filler`;
    for (let isFull = false; !isFull;) isFull = !appended(filler);
    let refusal = MADE;
    for (let time = 0; time < MANY && refusal === MADE; time += 1) refusal = await changes.make();
    expect(refusal).toBe("503 ERR_GINNEL_STORE");
    await serve(HOST);
    await serve(`late.${EDGE_DOMAIN}`);
    rmSync(filler);
    expect(await changes.make()).toBe(MADE);

    expect(await changes.lost()).toEqual([]);
    // Not the same, for whoever visited before may not have been gone yet.
    await settles(async () => {
      const timers = Object.entries(await timersIn(edge.pid, edge.log));
      const areNoMore = timers.every(([file, count]) => count <= (before.timers[file] ?? 0));
      return areNoMore && descriptorsOf(edge.pid) <= before.descriptors;
    }, true);
    expect(edge.faultsLogged).toEqual([]);
  },
  FAULT_LIMIT_MS,
);

/** False: no room for another piece, however small. */
function appended(path: string): boolean {
  for (const bytes of [65_536, 1]) {
    try {
      appendFileSync(path, new Uint8Array(bytes));
      return true;
    } catch {
      // Full, or nearly.
    }
  }
  return false;
}
