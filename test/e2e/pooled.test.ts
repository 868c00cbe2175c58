/** Several agents that share one public address. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { AgentProcess } from "../support/agent-process.ts";
import { agentOf } from "../support/agent-of-edge.ts";
import { EDGE_DOMAIN, EdgeProcess } from "../support/edge-process.ts";
import { visit } from "../support/visit.ts";

const LIMIT_MS = 60_000;
/** So many visits miss one of two agents once in 10^12 runs. */
const VISITS = 40;

let edge: EdgeProcess;
const services = new Map<string, Bun.Server<undefined>>();
const names = ["first", "second"] as const;

beforeAll(async () => {
  edge = await EdgeProcess.start();
  for (const name of names) {
    services.set(name, Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response(name) }));
  }
}, LIMIT_MS);

afterAll(async () => {
  for (const service of services.values()) await service.stop(true);
  await edge[Symbol.asyncDispose]();
});

function pooledAgent(
  proto: "http" | "tcp",
  name: (typeof names)[number],
  ...flags: readonly string[]
): Promise<AgentProcess> {
  return agentOf(edge, [proto, `127.0.0.1:${services.get(name)?.port}`, ...flags]);
}

/** Who answers so many visits, one connection each. */
async function answered(host: string, port: number): Promise<ReadonlySet<string>> {
  const bodies: string[] = [];
  for (let time = 0; time < VISITS; time += 1) bodies.push((await visit(host, { port })).body.toString());
  return new Set(bodies);
}

const bothOf = new Set<string>(names);
const POOL = "--pooling-enabled";

describe.each(["http", "tcp"] as const)("a pool of %s", (proto) => {
  const host = `pool.${EDGE_DOMAIN}`;
  const flags = (): string[] => [`--url=${proto}://${proto === "http" ? host : `${EDGE_DOMAIN}:${edge.ports.tcp}`}`];
  const port = (): number => edge.ports[proto];

  test(
    "has its visitors served by all of its agents, and by those that are left when one is killed",
    async () => {
      await using first = await pooledAgent(proto, "first", POOL, ...flags());
      await first.url();
      await using second = await pooledAgent(proto, "second", POOL, ...flags());
      await second.url();
      expect(await answered(host, port())).toEqual(bothOf);
      const lines = edge.linesLogged;
      await first.end("SIGKILL");
      await edge.logged("agent session ended", "", lines);
      expect(await answered(host, port())).toEqual(new Set(["second"]));
    },
    LIMIT_MS,
  );

  test.each([
    ["that does not share meets one that does", [POOL], [], "ERR_NGROK_334"],
    ["that shares meets one that does not", [], [POOL], "ERR_NGROK_6030"],
  ])(
    "does not begin when an agent %s",
    async (_, holds, wants, code) => {
      await using holder = await pooledAgent(proto, "first", ...holds, ...flags());
      await holder.url();
      await using other = await pooledAgent(proto, "second", ...wants, ...flags());
      expect(await other.child.exited).toBe(1);
      expect(other.stderr.lines.join("\n")).toContain(code);
    },
    LIMIT_MS,
  );
});
