/** The network between edge and agent fails, with real packets: nobody is told, and both find out. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { healLine, type LineWay, silenceLine } from "../bench/line/tun-line.ts";
import { ENDS_WITH_ITS_RUN } from "../support/ends-with-its-run.ts";
import { FAULT_LIMIT_MS, FaultScene, RECOVERY_LIMIT_MS } from "../support/fault-scene.ts";
import { EDGE_ADDRESS, LinedHosts } from "../support/lined-hosts.ts";
import { LineReader } from "../support/line-reader.ts";
import type { Seen } from "../support/steady-visitors.ts";

const LOSS = "session closed, starting reconnect loop";
/** Served; cut while they waited, and told so; and nobody there for the name. Never a connection that just breaks. */
const EXPLAINED = ["200", "502 ERR_NGROK_3210", "404 ERR_NGROK_3200"] as const;
const IS_DEEP = process.env["DEEP"] === "1";
const FLAPS = IS_DEEP ? 60 : 8;
const FLAP_MS = 1_000;
/** An agent whose sessions live for less than a second tries less and less often. */
const LEAST_LOSSES = 4;
const LONG_SILENCES = IS_DEEP ? 15 : 2;
const LONG_SILENCE_MS = 5_000;
const AGENTS_PORT = 7_000;
const UPSTREAM = join(import.meta.dir, "../support/dying-upstream.ts");

/** The edge on one side of a line, the agent and its service on the other. */
class Link implements AsyncDisposable {
  readonly hosts: LinedHosts;
  readonly scene: FaultScene;
  readonly #undo: AsyncDisposableStack;

  private constructor(hosts: LinedHosts, scene: FaultScene, undo: AsyncDisposableStack) {
    this.hosts = hosts;
    this.scene = scene;
    this.#undo = undo;
  }

  static async open(): Promise<Link> {
    await using undo = new AsyncDisposableStack();
    const hosts = undo.use(await LinedHosts.create());
    const upstream = Bun.spawn([...hosts.agent.enter, process.execPath, ...ENDS_WITH_ITS_RUN, UPSTREAM, "0"], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    undo.defer(async () => {
      upstream.kill("SIGKILL");
      await upstream.exited;
    });
    const port = await new LineReader(upstream.stdout).find((line) => line);
    const scene = undo.use(
      await FaultScene.start({
        upstream: `127.0.0.1:${port}`,
        dial: () => `${EDGE_ADDRESS}:${AGENTS_PORT}`,
        edgeFlags: [`--agents=${EDGE_ADDRESS}:${AGENTS_PORT}`],
        enterEdge: hosts.edge.enter,
        enterAgent: hosts.agent.enter,
      }),
    );
    return new Link(hosts, scene, undo.move());
  }

  /** The lines that agent and edge have logged so far. */
  get now(): Moment {
    return { agent: this.scene.agent.log.lines.length, edge: this.scene.edge.linesLogged };
  }

  /** How often the agent has lost its session. */
  get losses(): number {
    return this.scene.agent.log.lines.filter((line) => line.includes(JSON.stringify(LOSS))).length;
  }

  /** Both have found out since then that the session is gone. */
  async lost(since: Moment): Promise<void> {
    await this.scene.agent.logged(LOSS, {}, since.agent);
    await this.scene.edge.logged("agent session ended", "", since.edge);
  }

  async back(since: Moment): Promise<void> {
    await this.scene.back(since.agent, since.edge);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#undo.disposeAsync();
  }
}

test.concurrent(
  "an agent that is gone without a word is forgotten by the edge, with its endpoints and descriptors",
  async () => {
    await using link = await Link.open();
    const { scene, hosts } = link;
    const before = await scene.holdingsAtRest();
    const since = link.now;
    await silenceLine(hosts.control);
    await scene.agent.end("SIGKILL");
    await scene.edge.logged("agent session ended", "", since.edge);
    const ofTheSession = new Set(["src/net/heartbeat.ts", "src/net/idle-watch.ts"]);
    const others = Object.entries(before.timers.edge).filter(([file]) => !ofTheSession.has(file));
    await scene.expectNothingKept({
      gauges: Object.fromEntries(Object.keys(before.gauges).map((name) => [name, 0])),
      // The connection of the session, and the port of the tcp endpoint.
      descriptors: { edge: before.descriptors.edge - 2, agent: 0 },
      timers: { edge: Object.fromEntries(others), agent: {} },
      bytes: before.bytes,
    });
  },
  FAULT_LIMIT_MS,
);

interface Moment {
  readonly agent: number;
  readonly edge: number;
}

test.concurrent.each<[string, readonly LineWay[]]>([
  ["both ways", ["away", "back"]],
  ["towards the agent", ["away"]],
  ["towards the edge", ["back"]],
])(
  "a line that swallows everything %s is found by both, and visitors are served when it heals",
  async (_, ways) => {
    await using link = await Link.open();
    const { control } = link.hosts;
    await survived(link, { fault: () => silenceLine(control, ...ways), mend: () => healLine(control) });
  },
  FAULT_LIMIT_MS,
);

test.concurrent(
  "an agent that comes to another address is back with its URLs, and its old session is forgotten",
  async () => {
    await using link = await Link.open();
    await survived(link, { fault: () => link.hosts.moveAgent("198.18.3.77") });
  },
  FAULT_LIMIT_MS,
);

interface Flapping {
  readonly fail: (hosts: LinedHosts) => Promise<void>;
  /** Whether the line has really failed, and more than once. */
  readonly wasFelt: (seen: Seen, losses: number) => boolean;
}

test.concurrent.each<[string, Flapping]>([
  [
    "falls silent",
    // For too short a time to be found: whoever comes then waits for the rest of it.
    {
      fail: async ({ control }) => silenceLine(control),
      wasFelt: ({ outcomes }) => outcomes.filter(({ tookMs }) => tookMs > FLAP_MS / 4).length >= FLAPS,
    },
  ],
  [
    "loses its connections",
    { fail: (hosts) => hosts.resetConnections(), wasFelt: (_, losses) => losses >= LEAST_LOSSES },
  ],
])(
  "a line that %s every second is survived, and nothing is left of it",
  async (_, { fail, wasFelt }) => {
    await using link = await Link.open();
    const { scene, hosts } = link;
    const before = await scene.holdingsAtRest();
    await using visitors = await scene.visitors();
    for (let flap = 0; flap < FLAPS; flap += 1) {
      await fail(hosts);
      await Bun.sleep(FLAP_MS / 2);
      await healLine(hosts.control);
      await Bun.sleep(FLAP_MS / 2);
    }
    await visitors.servedAgain();
    const seen = await visitors.end();
    expect(seen.kindsBeside(...EXPLAINED)).toEqual([]);
    expect(seen.longestMs).toBeLessThan(RECOVERY_LIMIT_MS);
    expect(wasFelt(seen, link.losses)).toBe(true);
    await scene.untilServed();
    await scene.expectNothingKept(before);
  },
  FAULT_LIMIT_MS + FLAPS * FLAP_MS,
);

test.concurrent(
  "a line that falls silent again as soon as the agent is back, each time for longer than a session lives, is survived",
  async () => {
    await using link = await Link.open();
    const { scene, hosts } = link;
    const before = await scene.holdingsAtRest();
    await using visitors = await scene.visitors();
    for (let silence = 0; silence < LONG_SILENCES; silence += 1) {
      const since = link.now;
      await silenceLine(hosts.control);
      await link.lost(since);
      await healLine(hosts.control);
      await scene.agent.logged("client session established", {}, since.agent);
    }
    const healedAtMs = performance.now();
    await visitors.servedAgain();
    expect(performance.now() - healedAtMs).toBeLessThan(RECOVERY_LIMIT_MS);
    const seen = await visitors.end();
    expect(seen.kindsBeside(...EXPLAINED)).toEqual([]);
    expect(seen.longestMs).toBeLessThan(RECOVERY_LIMIT_MS);
    expect(link.losses).toBeGreaterThanOrEqual(LONG_SILENCES);
    await scene.untilServed();
    await scene.expectNothingKept(before);
  },
  FAULT_LIMIT_MS + LONG_SILENCES * LONG_SILENCE_MS,
);

interface SessionFault {
  /** Takes the session away. */
  readonly fault: () => Promise<void>;
  /** Absent: the agent comes back by itself. */
  readonly mend?: () => Promise<void>;
}

/** The session is lost and comes back, visitors see nothing but what is explained, and nothing is left of it. */
async function survived(link: Link, { fault, mend }: SessionFault): Promise<void> {
  const { scene } = link;
  const before = await scene.holdingsAtRest();
  const since = link.now;
  await using lasting = await scene.lastingVisitors();
  await using visitors = await scene.visitors();
  await fault();
  await link.lost(since);
  expect(await lasting.ends()).toEqual(["http: cut", "https: cut", "tcp: cut"]);
  await mend?.();
  const mendedAtMs = performance.now();
  await link.back(since);
  await visitors.servedAgain();
  expect(performance.now() - mendedAtMs).toBeLessThan(RECOVERY_LIMIT_MS);
  const seen = await visitors.end();
  expect(seen.kindsBeside(...EXPLAINED)).toEqual([]);
  expect(seen.longestMs).toBeLessThan(RECOVERY_LIMIT_MS);
  await scene.expectNothingKept(before);
}
