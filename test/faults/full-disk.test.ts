/** The disk of an edge is full, for its records and its access log at once: what works goes on, and nothing acknowledged is lost. */
import { afterAll, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { agentOf } from "../support/agent-of-edge.ts";
import { EDGE_DOMAIN, EdgeProcess } from "../support/edge-process.ts";
import { FAULT_LIMIT_MS } from "../support/fault-scene.ts";
import { freePorts } from "../support/free-ports.ts";
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
    const enter = ["unshare", "--mount", "sh", "-c", IN_A_SMALL_DISK, disk];
    const where = [`--store=sqlite://${disk}/ginnel.db`, `--access-log=${disk}/access.log`];
    await using edge = await EdgeProcess.startIn(enter, ...where, `--management-addr=${management}`);
    const serve = async (name: string): Promise<void> => {
      await using agent = await agentOf(edge, ["http", `--url=http://${name}`, upstream.url.host]);
      await agent.url();
      expect((await visit(name, { port: edge.ports.http })).status).toBe(200);
    };
    const headers = {
      Authorization: `Bearer ${edge.apiKey}`,
      "Ngrok-Version": "2",
      "Content-Type": "application/json",
    };
    const api = `http://127.0.0.1:${management}/credentials`;
    const acknowledged: string[] = [];
    const make = async (): Promise<string> => {
      const answer = await fetch(api, { method: "POST", headers, body: "{}" });
      const { id, error_code: code } = (await answer.json()) as Readonly<Record<string, string | undefined>>; // our own API
      if (answer.status === 201 && id !== undefined) acknowledged.push(id);
      return `${answer.status} ${code ?? ""}`;
    };

    await serve(HOST);
    expect(await make()).toBe("201 ");
    // In the mount namespace of the edge.
    const filler = `/proc/${edge.pid}/root${disk}/filler`;
    for (let isFull = false; !isFull;) isFull = !appended(filler);
    let refusal = "201 ";
    for (let time = 0; time < MANY && refusal === "201 "; time += 1) refusal = await make();
    expect(refusal).toBe("503 ERR_GINNEL_STORE");
    await serve(HOST);
    await serve(`late.${EDGE_DOMAIN}`);
    rmSync(filler);
    expect(await make()).toBe("201 ");

    const found = await Promise.all(acknowledged.map((id) => fetch(`${api}/${id}`, { headers })));
    expect(found.map(({ status }) => status)).toEqual(acknowledged.map(() => 200));
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
