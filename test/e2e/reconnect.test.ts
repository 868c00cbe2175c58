/** An agent keeps its URLs whatever happens to the edge and to the line between them (protocol.md section 8). */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { splice } from "../../src/net/splice.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { DnsServer } from "../support/dns-server.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { Line } from "../support/line.ts";
import { visit } from "../support/visit.ts";

const LIMIT_MS = 30_000;
const LOSS = "session closed, starting reconnect loop";
const NO_DISTANCE = { roundTripMs: 0, bytesPerSecond: 1e9, bufferBytes: 1_000_000 };

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
let edge: EdgeProcess;

beforeAll(async () => {
  edge = await EdgeProcess.start();
}, LIMIT_MS);

afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await upstream.stop(true);
});

interface Moment {
  readonly agent: number;
  readonly edge: number;
}

/** An agent with an http, an https and a tcp endpoint that dials this address; it looks for silence every second. */
class Scene implements AsyncDisposable {
  readonly agent: AgentProcess;
  readonly #urls: readonly string[];

  private constructor(agent: AgentProcess, urls: readonly string[]) {
    this.agent = agent;
    this.#urls = urls;
  }

  static async start(serverAddr: string, further: object = {}): Promise<Scene> {
    const settings = {
      version: 2,
      server_addr: serverAddr,
      authtoken: EDGE_TOKEN,
      root_cas: "ca.pem",
      heartbeat_interval: "1s",
      heartbeat_tolerance: "1s",
      ...further,
      tunnels: {
        web: { proto: "http", addr: upstream.url.origin, schemes: ["http", "https"] },
        raw: { proto: "tcp", addr: upstream.url.host },
      },
    };
    // JSON is YAML too.
    const files = { "ca.pem": edge.caPem, "agent.yml": JSON.stringify(settings) };
    const edgeFrom = edge.linesLogged;
    const agent = await AgentProcess.start(["start", "--all", "--config=agent.yml"], { files });
    const names = ["web (http)", "web", "raw"];
    const urls = await Promise.all(names.map((name) => agent.url(name)));
    // The two logs come on pipes of their own: a line of these binds that comes late must not pass for one of the next session.
    await Promise.all(urls.map((url) => edge.logged("endpoint online", `"${url}"`, edgeFrom)));
    return new Scene(agent, urls);
  }

  /** A visitor of each endpoint gets through. */
  async expectServed(): Promise<void> {
    const [http = "", https = "", tcp = ""] = this.#urls.map((url) => new URL(url.replace("tcp:", "http:")));
    const visits = await Promise.all([
      visit(new URL(http).hostname, { port: edge.ports.http }),
      visit(new URL(https).hostname, { port: edge.ports.https, caPem: edge.caPem }),
      visit(EDGE_DOMAIN, { port: Number(new URL(tcp).port) }),
    ]);
    expect(visits.map(({ status, body }) => `${status} ${body.toString()}`)).toEqual(Array(3).fill("200 here I am"));
  }

  get losses(): number {
    return this.#count(LOSS);
  }

  /** The lines that the agent and the edge have logged so far. */
  get now(): Moment {
    return { agent: this.agent.log.lines.length, edge: edge.linesLogged };
  }

  /** Waits for the next session since then, with all that is bound in it. */
  async back(since: Moment): Promise<void> {
    await this.agent.logged("client session established", {}, since.agent);
    await Promise.all(this.#urls.map((url) => edge.logged("endpoint online", `"${url}"`, since.edge)));
  }

  /** The claims that hold after every loss, however it came about. */
  async expectKept(): Promise<void> {
    await this.expectServed();
    expect(this.losses).toBe(1);
    // An endpoint with another URL would be told again.
    expect(this.#count("started tunnel")).toBe(this.#urls.length);
    expect(this.#count("tunnel not bound again")).toBe(0);
    expect(this.agent.stderr.lines).toEqual([]);
  }

  #count(message: string): number {
    return this.agent.log.lines.filter((line) => line.includes(JSON.stringify(message))).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent[Symbol.asyncDispose]();
  }
}

describe("the agent keeps its URLs", () => {
  test.each([
    ["when the edge is killed", "SIGKILL"],
    ["when the edge is stopped", "SIGTERM"],
  ] as const)(
    "the agent keeps its URLs %s and started again",
    async (_, signal) => {
      await using scene = await Scene.start(`127.0.0.1:${edge.ports.https}`);
      const since = scene.now;
      await edge.end(signal);
      await scene.agent.logged(LOSS, {}, since.agent);
      await edge.again();
      await scene.back({ ...since, edge: 0 });
      await scene.expectKept();
    },
    LIMIT_MS,
  );

  test.each<[string, (line: Line) => void]>([
    ["breaks", (line) => line.reset()],
    ["falls silent", (line) => line.silence()],
    ["falls silent towards the edge", (line) => line.silence("toTarget")],
    ["falls silent towards the agent", (line) => line.silence("fromTarget")],
    [
      "breaks and is refused for a while",
      (line) => {
        line.refuse();
        line.reset();
      },
    ],
  ])(
    "the agent keeps its URLs when the line %s",
    async (_, fail) => {
      using line = new Line({ host: "127.0.0.1", port: edge.ports.https }, NO_DISTANCE);
      await using scene = await Scene.start(`127.0.0.1:${line.port}`);
      const since = scene.now;
      fail(line);
      await scene.agent.logged(LOSS, {}, since.agent);
      // Whatever was held back arrives late, at both ends, beside the new session.
      line.heal();
      line.accept();
      await scene.back(since);
      // The edge has noticed that the old session is gone, and nothing went with it.
      await edge.logged("agent session ended", "", since.edge);
      await scene.expectKept();
      expect(line.connections).toBe(1);
    },
    LIMIT_MS,
  );

  test(
    "the agent asks for the edge's address anew each time",
    async () => {
      using names = await DnsServer.start("127.0.0.1");
      using first = new Line({ host: "127.0.0.1", port: edge.ports.https }, NO_DISTANCE);
      await using scene = await Scene.start(`tunnel.${EDGE_DOMAIN}:${first.port}`, {
        dns_resolver_ips: [names.hostPort],
      });
      const elsewhere = listenTcp({ hostname: "127.0.0.2", port: first.port }, (near) => {
        near.pause();
        void dialTcp({ host: "127.0.0.1", port: edge.ports.https }, { timeoutMs: 5_000 }).then((far) =>
          splice(near, far),
        );
      });
      const since = scene.now;
      names.address = "127.0.0.2";
      first.refuse();
      first.reset();
      await scene.back(since);
      await scene.expectKept();
      elsewhere.close();
    },
    LIMIT_MS,
  );
});

test(
  "an edge that agents come back to again and again keeps no endpoint of theirs",
  async () => {
    using line = new Line({ host: "127.0.0.1", port: edge.ports.https }, NO_DISTANCE);
    const scene = await Scene.start(`127.0.0.1:${line.port}`);
    for (let loss = 1; loss <= 2; loss += 1) {
      const since = scene.now;
      line.reset();
      await scene.back(since);
    }
    await scene.expectServed();
    const edgeFrom = edge.linesLogged;
    expect(await scene.agent.end()).toBe(0);
    for (const url of ["http://", "https://", "tcp://"]) await edge.logged("endpoint offline", url, edgeFrom);
    // All of the few ports can be had again.
    await using next = await Scene.start(`127.0.0.1:${line.port}`);
    await next.expectServed();
    await scene[Symbol.asyncDispose]();
  },
  LIMIT_MS,
);
