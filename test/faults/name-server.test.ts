/** The name server is away while the agent has to find its edge again. */
import { afterAll, expect, test } from "bun:test";
import { DnsServer } from "../support/dns-server.ts";
import { EDGE_DOMAIN } from "../support/edge-process.ts";
import { FAULT_LIMIT_MS, FaultScene, RECOVERY_LIMIT_MS } from "../support/fault-scene.ts";
import { Line } from "../support/line.ts";

const NO_DISTANCE = { roundTripMs: 0, bytesPerSecond: 1e9, bufferBytes: 1_000_000 };

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
afterAll(() => upstream.stop(true));

test.concurrent.each([
  ["is gone", (names: DnsServer): void => names.leave()],
  ["knows no name", (names: DnsServer): void => void (names.address = undefined)],
] as const)(
  "an agent whose name server %s keeps looking, and is back with its URLs when there are names again",
  async (_, fail) => {
    using names = await DnsServer.start("127.0.0.1");
    const lines: Line[] = [];
    await using scene = await FaultScene.start({
      upstream: upstream.url.host,
      agent: { dns_resolver_ips: [names.hostPort] },
      dial: ({ ports }) => {
        const line = new Line({ host: "127.0.0.1", port: ports.https }, NO_DISTANCE);
        lines.push(line);
        return `tunnel.${EDGE_DOMAIN}:${line.port}`;
      },
    });
    const before = await scene.holdingsAtRest();
    const from = { agent: scene.agent.log.lines.length, edge: scene.edge.linesLogged };
    fail(names);
    for (const line of lines) line.reset();
    const { err } = await scene.agent.logged("failed to reconnect session", {}, from.agent);
    expect(err).toContain(EDGE_DOMAIN);
    await names.comeBack("127.0.0.1");
    const backAtMs = performance.now();
    await scene.back(from.agent, from.edge);
    expect(performance.now() - backAtMs).toBeLessThan(RECOVERY_LIMIT_MS);
    await scene.expectNothingKept(before);
    for (const line of lines) line[Symbol.dispose]();
  },
  FAULT_LIMIT_MS,
);
