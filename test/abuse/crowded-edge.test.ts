/** One address takes all places of an edge with connections that never come to the point: everybody else gets in all along. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { AgentProcess } from "../support/agent-process.ts";
import { clientHello } from "../support/client-hello.ts";
import { Crowd, says, saysBehindTls, type Stall } from "../support/crowd.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { freePorts } from "../support/free-ports.ts";
import { descriptorsOf, settles } from "../support/process-holdings.ts";
import { visit } from "../support/visit.ts";

setDefaultTimeout(60_000);

/** Of the edge: some hundred places for visitors. */
const DESCRIPTORS = 150;
const CROWD_ADDRESS = "127.0.0.2";
/** What shows that all places are taken. */
const GONE_BEFORE = 50;
const HONEST_VISITS = 30;
/** Honest ones at a time, at each port. */
const AT_ONCE = 3;
const NAME = `web.${EDGE_DOMAIN}`;
const SLOW_HEAD = `GET / HTTP/1.1\r\nHost: ${NAME}\r\nX: `;

let upstream: Bun.Server<undefined>;
beforeAll(() => {
  upstream = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("served") });
});
afterAll(() => upstream.stop(true));

interface Attack {
  readonly port: number;
  readonly stalls: readonly Stall[];
}

interface Attacked {
  readonly edge: EdgeProcess;
  readonly agentsPort: number;
  readonly hello: Uint8Array;
}

test.each<[string, (attacked: Attacked) => readonly Attack[]]>([
  ["slow heads", ({ edge }) => [{ port: edge.ports.http, stalls: [says(""), says(SLOW_HEAD)] }]],
  [
    "half-made handshakes, and slow heads behind whole ones",
    ({ edge, hello }) => [
      {
        port: edge.ports.https,
        stalls: [
          says(""),
          says(hello.subarray(0, 100)),
          says(hello),
          saysBehindTls(edge.caPem, ""),
          saysBehindTls(edge.caPem, SLOW_HEAD),
        ],
      },
    ],
  ],
  [
    "agents that say nothing, at a port for agents",
    ({ edge, agentsPort: port, hello }) => [
      // The first byte of an agent's first frame.
      { port, stalls: [says(""), says(hello.subarray(0, 100)), says(hello), saysBehindTls(edge.caPem, "\0")] },
    ],
  ],
  [
    "all of that, at all ports",
    ({ edge, agentsPort, hello }) => [
      { port: edge.ports.http, stalls: [says(SLOW_HEAD)] },
      { port: edge.ports.https, stalls: [says(hello), saysBehindTls(edge.caPem, SLOW_HEAD)] },
      { port: agentsPort, stalls: [says(hello), saysBehindTls(edge.caPem, "\0")] },
    ],
  ],
])(
  "Edge whose places are taken by %s serves all visitors of another address, and lets an agent in",
  async (_, attack) => {
    const agentsPort = freePorts(1);
    await using edge = await EdgeProcess.startIn(
      ["prlimit", `--nofile=${DESCRIPTORS}`],
      `--agents=127.0.0.1:${agentsPort}`,
    );
    const descriptors = descriptorsOf(edge.pid);
    const attacks = attack({ edge, agentsPort, hello: await clientHello(EDGE_DOMAIN) });
    const crowds = attacks.map(({ port, stalls }) => new Crowd(port, CROWD_ADDRESS, stalls));
    const gone = (): number => crowds.reduce((sum, crowd) => sum + crowd.gone, 0);
    {
      await using crowding = new AsyncDisposableStack();
      for (const crowd of crowds) crowding.use(crowd);
      await settles(() => gone() > GONE_BEFORE, true);

      const at = [`--server-addr=127.0.0.1:${agentsPort}`, "--root-cas=ca.pem", `--authtoken=${EDGE_TOKEN}`];
      const tunnel = ["http", String(upstream.port), `--hostname=${NAME}`, "--scheme=http,https"];
      await using agent = await AgentProcess.start([...tunnel, ...at], { files: { "ca.pem": edge.caPem } });
      await agent.url();
      expect(await Promise.all(honestVisits(edge))).toEqual(Array.from({ length: 2 * AT_ONCE }, () => ["served"]));
      // It went on until then.
      const before = gone();
      await settles(() => gone() > before + GONE_BEFORE, true);
      expect(await Promise.all(honestVisits(edge))).toEqual(Array.from({ length: 2 * AT_ONCE }, () => ["served"]));
    }
    // One line for all of it.
    expect(edge.timesLogged("visitors are turned away")).toBe(1);
    await settles(() => descriptorsOf(edge.pid) <= descriptors, true);
    expect(edge.faultsLogged).toEqual([]);
  },
);

/** At both ports, one after the other in each of the rows: what they came to. */
function honestVisits(edge: EdgeProcess): readonly Promise<readonly string[]>[] {
  const { http, https } = edge.ports;
  const places = [{ port: http }, { port: https, caPem: edge.caPem }];
  return places.flatMap((place) =>
    Array.from({ length: AT_ONCE }, async () => {
      const seen = new Set<string>();
      for (let n = 0; n < HONEST_VISITS; n += 1) {
        const text = await visit(NAME, place).then(
          ({ body }) => body.toString(),
          (error: unknown) => String(error),
        );
        seen.add(text);
      }
      return [...seen];
    }),
  );
}
