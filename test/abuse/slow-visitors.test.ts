/** Visitors who take their time on purpose, many at once, with the tool that is made for it; others are served all along. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { agentOf, portOf } from "../support/agent-of-edge.ts";
import type { AgentProcess } from "../support/agent-process.ts";
import { clientHello } from "../support/client-hello.ts";
import { curl } from "../support/curl.ts";
import { EdgeProcess } from "../support/edge-process.ts";
import { readExposition } from "../support/exposition.ts";
import { freePorts } from "../support/free-ports.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { type Place, SCHEMES, type Scheme } from "../support/tunnel-system.ts";

setDefaultTimeout(60_000);

/** The one name that the tool finds on every machine. */
const NAME = "localhost";
const SLOW_VISITORS = 500;
const ATTACK_SECONDS = 6;
const HALF_HANDSHAKES = 3_000;
/** Within which an honest visitor must be served, on a machine that has other things to do. */
const SERVED_SECONDS = 10;
const SETTLED_MS = 20_000;
const LOOK_EVERY_MS = 50;

const LARGE = patternedBytes(1_000_000);
let upstream: Bun.Server<undefined>;
let files: TemporaryFolder;
beforeAll(async () => {
  upstream = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      // A service that wants all of a body before it answers.
      await request.bytes();
      return new Response(request.url.endsWith("/large") ? LARGE : "served");
    },
  });
  files = new TemporaryFolder();
  await Promise.all([Bun.write(files.file("index.html"), "served"), Bun.write(files.file("large"), LARGE)]);
});
afterAll(async () => {
  await upstream.stop(true);
  files[Symbol.dispose]();
});

/** An edge and an agent, each a process, with one tunnel on both ports. */
class Scene implements AsyncDisposable {
  readonly edge: EdgeProcess;
  readonly #agent: AgentProcess;
  readonly #places: Readonly<Record<Scheme, Place>>;
  readonly #operatorPort: number;

  private constructor(
    edge: EdgeProcess,
    agent: AgentProcess,
    { places, operatorPort }: { readonly places: Readonly<Record<Scheme, Place>>; readonly operatorPort: number },
  ) {
    this.edge = edge;
    this.#agent = agent;
    this.#places = places;
    this.#operatorPort = operatorPort;
  }

  static async start(addr: string, ...edgeFlags: readonly string[]): Promise<Scene> {
    await using processes = new AsyncDisposableStack();
    const operatorPort = freePorts(1);
    const edge = processes.use(
      await EdgeProcess.start(`--reserve=${NAME}`, `--operator-addr=127.0.0.1:${operatorPort}`, ...edgeFlags),
    );
    const tunnels = { web: { proto: "http", addr, schemes: SCHEMES, hostname: NAME } };
    const config = JSON.stringify({ version: "2", inspect_db_size: -1, tunnels });
    const agent = processes.use(
      await agentOf(edge, ["start", "--all", "--config=ginnel.yml"], { files: { "ginnel.yml": config } }),
    );
    const place = async (scheme: Scheme, tunnel: string): Promise<Place> => {
      const port = portOf(await agent.url(tunnel));
      return { scheme, host: NAME, port, authority: `${NAME}:${port}`, caPem: edge.caPem };
    };
    const [http, https] = await Promise.all([place("http", "web (http)"), place("https", "web")]);
    processes.move();
    return new Scene(edge, agent, { places: { http, https }, operatorPort });
  }

  portOf(scheme: Scheme): number {
    return this.#places[scheme].port;
  }

  async expectServed(scheme: Scheme): Promise<void> {
    const { code, stdout, stderr } = await curl(this.#places[scheme], "/", "-m", String(SERVED_SECONDS));
    expect([code, stdout, stderr]).toEqual([0, "served", ""]);
  }

  async held(): Promise<Held> {
    const page = await (await fetch(`http://127.0.0.1:${this.#operatorPort}/metrics`)).text();
    const { values = [] } = readExposition(page).get("ginnel_edge_visitors_open") ?? {};
    return {
      visitors: values.reduce((sum, { value }) => sum + value, 0),
      edgeDescriptors: readdirSync(`/proc/${this.edge.pid}/fd`).length,
      agentDescriptors: readdirSync(`/proc/${this.#agent.child.pid}/fd`).length,
    };
  }

  /** What is held when nobody is here; what ended just now may still be counted. */
  async heldAtRest(): Promise<Held> {
    await Promise.all(SCHEMES.map((scheme) => this.expectServed(scheme)));
    let last = await this.held();
    for (let same = 0; same < 5;) {
      await Bun.sleep(LOOK_EVERY_MS);
      const now = await this.held();
      same = Bun.deepEquals(last, now) ? same + 1 : 0;
      last = now;
    }
    return last;
  }

  /** Runs until it ends; honest visitors come one after the other, on both ports, until then. */
  async whileServing<R>(attack: Promise<R>): Promise<R> {
    const over = new AbortController();
    const attacking = attack.finally(() => over.abort());
    const serving = SCHEMES.map(async (scheme) => {
      do await this.expectServed(scheme);
      while (!over.signal.aborted);
    });
    const [result] = await Promise.all([attacking, ...serving]);
    return result;
  }

  async expectNothingLeft(before: Held): Promise<void> {
    await Promise.all(SCHEMES.map((scheme) => this.expectServed(scheme)));
    await this.expectHeld(
      ({ visitors, edgeDescriptors, agentDescriptors }) =>
        visitors <= before.visitors &&
        edgeDescriptors <= before.edgeDescriptors &&
        agentDescriptors <= before.agentDescriptors,
    );
    expect(this.edge.faultsLogged).toEqual([]);
  }

  /** Nobody tells when another process has taken or let go of something: looks until it has. */
  async expectHeld(claim: (held: Held) => boolean): Promise<void> {
    const givesUpAt = performance.now() + SETTLED_MS;
    let now = await this.held();
    while (!claim(now) && performance.now() < givesUpAt) {
      await Bun.sleep(LOOK_EVERY_MS);
      now = await this.held();
    }
    expect([claim(now), now]).toEqual([true, now]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent[Symbol.asyncDispose]();
    await this.edge[Symbol.asyncDispose]();
  }
}

interface Held {
  readonly visitors: number;
  readonly edgeDescriptors: number;
  readonly agentDescriptors: number;
}

interface Attack {
  readonly scheme: Scheme;
  readonly port: number;
  readonly path: string;
  readonly args: readonly string[];
}

/** What the tool said in the end. */
async function slowHttpTest({ scheme, port, path, args }: Attack): Promise<string> {
  const usual = ["-c", SLOW_VISITORS, "-r", SLOW_VISITORS, "-l", ATTACK_SECONDS, "-p", SERVED_SECONDS, "-v", 1];
  const command = ["slowhttptest", ...usual, ...args, "-u", `${scheme}://${NAME}:${port}${path}`];
  const child = Bun.spawn(command.map(String), { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return stripVTControlCharacters(stdout + stderr);
}

const STAYED = "Hit test time limit";
const LEFT = "No open connections left";

describe("Edge", () => {
  test.each([
    ["heads", "service", ["/", "-H", "-i", "1", "-x", "20"], STAYED],
    ["bodies", "service", ["/", "-B", "-i", "1", "-s", "100000", "-x", "20"], STAYED],
    ["reading", "service", ["/large", "-X", "-k", "3", "-n", "1", "-w", "512", "-y", "1024", "-z", "32"], STAYED],
    ["reading of a file", "folder", ["/large", "-X", "-n", "1", "-w", "512", "-y", "1024", "-z", "32"], STAYED],
    ["ranges of a file", "folder", ["/large", "-R", "-a", "5", "-b", "2000"], LEFT],
  ] as const)(
    "Edge serves honest visitors while hundreds are slow with %s, and keeps nothing of them",
    async (_, kind, [path, ...args], ending) => {
      await using scene = await Scene.start(kind === "folder" ? `file://${files.path}` : String(upstream.port));
      const before = await scene.heldAtRest();
      const attacks = SCHEMES.map((scheme) => slowHttpTest({ scheme, port: scene.portOf(scheme), path, args }));
      const said = await scene.whileServing(Promise.all(attacks));
      for (const text of said) {
        expect(text).toContain(ending);
        expect(text).not.toMatch(/service available:\s+NO/);
      }
      await scene.expectNothingLeft(before);
    },
  );

  test("Edge lets go of those who are slow with their heads before they go themselves, and keeps nothing of them", async () => {
    await using scene = await Scene.start(String(upstream.port), "--head-timeout=2s");
    const before = await scene.heldAtRest();
    const attacks = SCHEMES.map((scheme) => {
      const port = scene.portOf(scheme);
      // Longer than this edge is patient, and shorter than others: the tool ends when the last of its connections was closed.
      return slowHttpTest({ scheme, port, path: "/", args: ["-H", "-i", "1", "-x", "20", "-l", "20"] });
    });
    for (const text of await scene.whileServing(Promise.all(attacks))) {
      expect(text).toContain(LEFT);
      expect(text).not.toMatch(/service available:\s+NO/);
    }
    await scene.expectNothingLeft(before);
  });

  test("Edge serves honest visitors while thousands have begun a handshake, and keeps nothing of them", async () => {
    await using scene = await Scene.start(String(upstream.port));
    const before = await scene.heldAtRest();
    const hello = await clientHello(NAME);
    const port = scene.portOf("https");
    const begun = Array.from({ length: HALF_HANDSHAKES }, async (_, at) => {
      const visitor = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: SETTLED_MS });
      const share = [0, 0.5, 1][at % 3] ?? 0;
      visitor.write(hello.subarray(0, hello.length * share));
      const heard = new RecordingListener(visitor);
      // The answer to a whole hello is the server's part of the handshake.
      if (share === 1) await heard.until(() => heard.bytesHeard > 0);
      return visitor;
    });
    const visitors = await scene.whileServing(Promise.all(begun));
    // Connected is who waits to be accepted, too.
    await scene.expectHeld(({ edgeDescriptors }) => edgeDescriptors > HALF_HANDSHAKES);
    await Promise.all(SCHEMES.map((scheme) => scene.expectServed(scheme)));
    for (const visitor of visitors) visitor.reset();
    await scene.expectNothingLeft(before);
  });
});
