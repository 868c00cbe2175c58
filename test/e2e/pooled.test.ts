/** Several agents that share one public address. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { AgentProcess } from "../support/agent-process.ts";
import { agentOf } from "../support/agent-of-edge.ts";
import { EDGE_DOMAIN, EdgeProcess } from "../support/edge-process.ts";
import { visit } from "../support/visit.ts";

const LIMIT_MS = 60_000;
const VISITS = 20;

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

/** How many of the visits each service answers; one connection each. */
async function answered(host: string, port: number): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (let time = 0; time < VISITS; time += 1) {
    const body = (await visit(host, { port })).body.toString();
    counts[body] = (counts[body] ?? 0) + 1;
  }
  return counts;
}

const POOL = "--pooling-enabled";

describe.each(["http", "tcp"] as const)("a pool of %s", (proto) => {
  const host = `pool.${EDGE_DOMAIN}`;
  const flags = (): string[] => [`--url=${proto}://${proto === "http" ? host : `${EDGE_DOMAIN}:${edge.ports.tcp}`}`];
  const port = (): number => edge.ports[proto];

  test(
    "has its visitors served by its agents in turn, and by those that are left when one is killed",
    async () => {
      await using first = await pooledAgent(proto, "first", POOL, ...flags());
      await first.url();
      await using second = await pooledAgent(proto, "second", POOL, ...flags());
      await second.url();
      expect(await answered(host, port())).toEqual({ first: VISITS / 2, second: VISITS / 2 });
      const lines = edge.linesLogged;
      await first.end("SIGKILL");
      await edge.logged("agent session ended", "", lines);
      expect(await answered(host, port())).toEqual({ second: VISITS });
    },
    LIMIT_MS,
  );

  test(
    "passes over an agent that is frozen, as long as others answer, until it goes on",
    async () => {
      await using first = await pooledAgent(proto, "first", POOL, ...flags());
      await first.url();
      await using second = await pooledAgent(proto, "second", POOL, ...flags());
      await second.url();
      expect(await answered(host, port())).toEqual({ first: VISITS / 2, second: VISITS / 2 });
      const lines = edge.linesLogged;
      first.child.kill("SIGSTOP");
      const stuck = visit(host, { port: port() });
      await edge.logged("agent does not answer, others of its pools go first", "", lines);
      expect(await answered(host, port())).toEqual({ second: VISITS });
      first.child.kill("SIGCONT");
      expect((await stuck).body.toString()).toBe("first");
      expect(await answered(host, port())).toEqual({ first: VISITS / 2, second: VISITS / 2 });
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
