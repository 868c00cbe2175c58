/** Visitors that send noise, stop in the middle, drip or reset harm nobody but themselves: on every port, in both layouts. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { type Listening, listenTcp } from "../../src/net/tcp-listen.ts";
import { agentOf, caPemOf, portOf } from "../support/agent-of-edge.ts";
import type { AgentProcess } from "../support/agent-process.ts";
import { clientHello } from "../support/client-hello.ts";
import { EdgeProcess } from "../support/edge-process.ts";
import { faultLines } from "../support/fault-lines.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { RawEnd, rawVisitor } from "../support/raw-end.ts";
import { echo } from "../support/raw-upstream.ts";
import { makeTestCertificates, type TestCertificates } from "../support/test-certificates.ts";
import { type Place, SCHEMES, type Scheme } from "../support/tunnel-system.ts";
import { visit } from "../support/visit.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);
/** Of every single step, below the deadline of its test. */
const PATIENCE_MS = 50_000;

/** Of the tls tunnel, and what the test certificates are for. */
const TLS_NAME = "good.test";
const AT_ONCE = 40;

let certificates: TestCertificates;
let web: Bun.Server<undefined>;
let webOverTls: Bun.Server<undefined>;
let echoing: Listening;
beforeAll(async () => {
  certificates = await makeTestCertificates();
  const { certPem: cert, keyPem: key } = certificates.server;
  const here = { hostname: "127.0.0.1", port: 0 };
  web = Bun.serve({ ...here, fetch: ({ url }) => new Response(url.endsWith("/endless") ? endlessBody() : "in plain") });
  webOverTls = Bun.serve({ ...here, tls: { cert, key }, fetch: () => new Response("over TLS") });
  echoing = listenTcp(here, echo);
});
afterAll(async () => {
  await Promise.all([web.stop(true), webOverTls.stop(true)]);
  echoing.close();
});

function endlessBody(): ReadableStream {
  return new ReadableStream({ pull: (controller) => controller.enqueue(patternedBytes(65_521)) });
}

/** A system with a tunnel of each kind. */
class Tunnels implements AsyncDisposable {
  readonly agent: AgentProcess;
  readonly #edge: EdgeProcess | undefined;
  readonly #places: Readonly<Record<Scheme, Place>>;
  readonly #tcpPort: number;
  readonly #processes: AsyncDisposableStack;

  private constructor(
    agent: AgentProcess,
    edge: EdgeProcess | undefined,
    { places, tcpPort }: { readonly places: Record<Scheme, Place>; readonly tcpPort: number },
    processes: AsyncDisposableStack,
  ) {
    this.agent = agent;
    this.#edge = edge;
    this.#places = places;
    this.#tcpPort = tcpPort;
    this.#processes = processes;
  }

  /** Owns the edge. */
  static async start(edge: EdgeProcess | undefined): Promise<Tunnels> {
    await using processes = new AsyncDisposableStack();
    processes.use(edge);
    const settings = {
      version: "2",
      tunnels: {
        web: { proto: "http", addr: web.port, schemes: SCHEMES },
        lines: { proto: "tcp", addr: echoing.port },
        secure: { proto: "tls", addr: webOverTls.port, hostname: TLS_NAME },
      },
    };
    const files = { "ginnel.yml": JSON.stringify(settings) };
    const agent = processes.use(await agentOf(edge, ["start", "--all", "--config=ginnel.yml"], { files }));
    const [http, https, tcp] = await Promise.all(["web (http)", "web", "lines"].map((name) => agent.url(name)));
    await agent.url("secure");
    const caPem = await caPemOf(edge, agent);
    const place = (scheme: Scheme, url = ""): Place => {
      const { hostname: host, host: authority } = new URL(url);
      return { scheme, host, port: portOf(url), authority, caPem };
    };
    const places = { http: place("http", http), https: place("https", https) };
    return new Tunnels(agent, edge, { places, tcpPort: portOf(tcp ?? "") }, processes.move());
  }

  place(scheme: Scheme): Place {
    return this.#places[scheme];
  }

  /** Through this door, behind which the visitor does what it will. */
  enter(door: Door): Promise<RawEnd> {
    switch (door) {
      case "the http port":
        return dial(this.#places.http.port);
      case "the https port":
        return dial(this.#places.https.port);
      case "TLS on the https port":
        return rawVisitor(this.#places.https, PATIENCE_MS);
      case "the tcp port":
        return dial(this.#tcpPort);
      default:
        return door satisfies never;
    }
  }

  /** Visitors who mean well are served in every tunnel. */
  async expectServed(): Promise<void> {
    const { http, https } = this.#places;
    const { caPem } = certificates;
    const answers = await Promise.all([
      visit(http.host, { port: http.port }),
      visit(https.host, { port: https.port, caPem: https.caPem }),
      visit(TLS_NAME, { port: https.port, caPem }),
    ]);
    expect(answers.map(({ body }) => body.toString())).toEqual(["in plain", "in plain", "over TLS"]);
    const visitor = await dial(this.#tcpPort);
    visitor.send("a line\n");
    expect(await visitor.gets("a line\n")).toBe("a line\n");
    visitor.connection.end();
  }

  /** Lines about faults of ours, in the log of either process. */
  get complaints(): readonly string[] {
    return [...faultLines(this.agent.log.lines), ...(this.#edge?.faultsLogged ?? []), ...this.agent.stderr.lines];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#processes.disposeAsync();
  }
}

async function dial(port: number): Promise<RawEnd> {
  return new RawEnd(await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: PATIENCE_MS }), PATIENCE_MS);
}

const DOORS = ["the http port", "the https port", "TLS on the https port", "the tcp port"] as const;
type Door = (typeof DOORS)[number];

const NOISE = Buffer.from(patternedBytes(100_000)).toString("latin1");
const POST = "POST / HTTP/1.1\r\nHost: HOST\r\n";

/** What they send; HOST stands for the name of the http tunnel. */
const ACTS: readonly (readonly [string, () => Promise<string> | string])[] = [
  ["nothing", () => ""],
  ["noise", () => NOISE],
  ["zeros", () => "\0".repeat(100_000)],
  ["half a ClientHello", async () => latin1(await clientHello("anybody.test")).slice(0, 100)],
  ["a ClientHello for the tls tunnel, and noise", async () => latin1(await clientHello(TLS_NAME)) + NOISE],
  ["a record of TLS that is too long", () => `\x16\x03\x01\xff\xff${NOISE}`],
  ["a greeting of SSH", () => "SSH-2.0-OpenSSH_9.2\r\n"],
  ["the preface of HTTP/2", () => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${"\0".repeat(9)}`],
  ["nothing but ends of lines", () => "\r\n".repeat(50_000)],
  ["half a head", () => "GET / HTTP/1.1\r\nHost: HO"],
  ["a head without an end", () => `GET / HTTP/1.1\r\nX: ${"a".repeat(3_000_000)}`],
  ["a name of nobody, a thousand times", () => "GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n".repeat(1_000)],
  ["half a body", () => `${POST}Content-Length: 100\r\n\r\nhalf`],
  ["a size of a chunk without an end", () => `${POST}Transfer-Encoding: chunked\r\n\r\n${"0".repeat(1_000_000)}`],
  ["an upgrade, and noise", () => `GET / HTTP/1.1\r\nHost: HOST\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n${NOISE}`],
];

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

describe.each([
  ["the embedded edge", () => Promise.resolve(undefined)],
  ["an edge of its own", () => EdgeProcess.start("--reserve=good.test")],
] as const)("Through %s", (_, startEdge) => {
  let tunnels: Tunnels;
  beforeAll(async () => {
    tunnels = await Tunnels.start(await startEdge());
  });
  afterAll(async () => {
    await tunnels[Symbol.asyncDispose]();
    expect(tunnels.complaints).toEqual([]);
  });

  describe.each(DOORS)("%s", (door) => {
    test.each(ACTS)("outlives %s, whether the visitor stays, ends or resets", async (__, act) => {
      const text = (await act()).replaceAll("HOST", tunnels.place("http").host);
      const [staying, ending, resetting] = await Promise.all([1, 2, 3].map(() => tunnels.enter(door)));
      for (const visitor of [staying, ending, resetting]) visitor?.send(text);
      resetting?.connection.reset();
      ending?.connection.end();
      await ending?.heard.until(() => ending.heard.isClosed);
      await tunnels.expectServed();
      staying?.connection.reset();
    });
  });

  test("noise of many at once, on every port, harms nobody", async () => {
    const visitors = await Promise.all(
      Array.from({ length: AT_ONCE }, (__, at) => tunnels.enter(DOORS[at % DOORS.length] ?? "the http port")),
    );
    for (const visitor of visitors) visitor.send(NOISE);
    await tunnels.expectServed();
    for (const visitor of visitors) visitor.connection.end();
    await Promise.all(visitors.map(({ heard }) => heard.until(() => heard.isClosed)));
    await tunnels.expectServed();
  });

  test.each(SCHEMES)("resets of many in the middle of a response over %s harm nobody", async (scheme) => {
    const place = tunnels.place(scheme);
    const visitors = await Promise.all(Array.from({ length: AT_ONCE }, () => rawVisitor(place, PATIENCE_MS)));
    for (const visitor of visitors) visitor.send(`GET /endless HTTP/1.1\r\nHost: ${place.authority}\r\n\r\n`);
    await Promise.all(
      visitors.map(async ({ heard, connection }) => {
        await heard.until(() => heard.bytesHeard > 0);
        connection.reset();
      }),
    );
    await tunnels.expectServed();
  });

  test.each(SCHEMES)("a request over %s that comes octet by octet is answered", async (scheme) => {
    const place = tunnels.place(scheme);
    const [slow, other] = await Promise.all([rawVisitor(place, PATIENCE_MS), tunnels.enter("the tcp port")]);
    for (const octet of `GET / HTTP/1.1\r\nHost: ${place.authority}\r\nConnection: close\r\n\r\n`) {
      slow.send(octet);
      // Each octet travels alone: the next one goes when somebody else has been there and back.
      const expected = other.heard.bytesHeard + 1;
      other.send("p");
      await other.heard.until(() => other.heard.bytesHeard === expected);
    }
    expect(await slow.getsEnd()).toEndWith("\r\n\r\nin plain");
    for (const { connection } of [slow, other]) connection.end();
  });
});

test("Visitors that drip their heads are let go of, while others are served", async () => {
  await using tunnels = await Tunnels.start(await EdgeProcess.start("--reserve=good.test", "--head-timeout=2s"));
  const dripping = await Promise.all(SCHEMES.map((scheme) => rawVisitor(tunnels.place(scheme), PATIENCE_MS)));
  for (const visitor of dripping) visitor.send("GET / HTTP/1.1\r\nX: ");
  while (dripping.some(({ heard }) => !heard.isClosed)) {
    for (const visitor of dripping) visitor.send("x");
    await tunnels.expectServed();
  }
  expect(dripping.map(({ heard }) => heard.text)).toEqual(["", ""]);
  expect(tunnels.complaints).toEqual([]);
});
