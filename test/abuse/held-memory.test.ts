/** What a peer makes another process hold by thousands of streams at a time on which nobody takes anything. */
import { afterAll, expect, test } from "bun:test";
import type { Duplex } from "../../src/net/duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { type Listening, listenTcp } from "../../src/net/tcp-listen.ts";
import { answer } from "../../src/net/rpc-answer.ts";
import { splice } from "../../src/net/splice.ts";
import { MUX_ERRORS } from "../../src/protocol/mux/error-codes.ts";
import { MAX_UNREAD_BYTES } from "../../src/protocol/mux/held-bytes.ts";
import { INITIAL_WINDOW_BYTES } from "../../src/protocol/mux/receive-window.ts";
import { RESET_CODES } from "../../src/protocol/mux/reset-codes.ts";
import { answerOptions } from "../../src/protocol/rpc/answered-options.ts";
import { ProxyHeaderEncoder } from "../../src/protocol/rpc/proxy-header.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { DeafPort } from "../support/deaf-port.ts";
import { replyOf } from "../support/scripted-edge.ts";
import { acceptAfterHello, certificates } from "../support/tls-pair.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { BIND } from "../../src/protocol/rpc/bind.ts";
import { bindRequest } from "../support/bind-request.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { watchPeakMemory } from "../support/peak-memory.ts";
import { descriptorsOf, residentBytes, settles } from "../support/process-holdings.ts";
import { AUTH_REQUEST, PlayedAgent, PlayedEdge } from "../support/session-pair.ts";
import { visit } from "../support/visit.ts";

const LIMIT_MS = 120_000;
/** Twice and more is garbage that the runtime has not collected yet; nothing of it grows with the number of streams. */
const PEAK_LIMIT_BYTES = 4 * MAX_UNREAD_BYTES;
/** Once its garbage was collected. */
const REST_LIMIT_BYTES = 1.5 * MAX_UNREAD_BYTES;
const STUCK = 3_000;
const FLOOD = 5_000;
const AT_A_TIME = 100;
const PREY_HOST = `prey.${EDGE_DOMAIN}`;
const WINDOW = new Uint8Array(INITIAL_WINDOW_BYTES);
const LOOKS_AT_REST = 30;
const PIECE = new Uint8Array(65_536);
const ENDLESS = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
const SHORT = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");

const IGNORE = { onData: (): void => {}, onDrain: (): void => {}, onEnd: (): void => {}, onClose: (): void => {} };

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
afterAll(() => upstream.stop(true));

/** Of one agent that sends visitors of `/` without end, and others two letters. */
class EndlessAgent {
  readonly agent: PlayedAgent;
  sentBytes = 0;
  /** Codes of streams that were reset. */
  readonly resets: (number | undefined)[] = [];

  constructor(connection: Duplex) {
    this.agent = new PlayedAgent(connection);
    this.agent.onProxy = (_header, stream, payload) => {
      const isShort = !Buffer.from(payload).toString("latin1").startsWith("GET / ");
      stream.listen({
        onData: () => {},
        onDrain: () => this.#send(stream),
        onEnd: () => stream.end(),
        onClose: (cause) => void this.resets.push(cause?.resetCode),
      });
      stream.write(isShort ? SHORT : ENDLESS);
      if (!isShort) this.#send(stream);
    };
  }

  #send(stream: Duplex): void {
    for (let isFree = true; isFree;) {
      this.sentBytes += PIECE.length;
      isFree = stream.write(PIECE);
    }
  }
}

async function enter({ edge }: FaultScene, host: string): Promise<EndlessAgent> {
  const plain = await dialTcp({ host: "127.0.0.1", port: edge.ports.https }, { timeoutMs: 5_000 });
  const tls = { context: clientTlsContext([edge.caPem]), serverName: EDGE_DOMAIN, verify: true };
  const endless = new EndlessAgent((await connectTls(plain, tls)).connection);
  const { session } = endless.agent;
  await session.call(AUTH, { ...AUTH_REQUEST, agent: { ...AUTH_REQUEST.agent, authtoken: EDGE_TOKEN } });
  await session.call(BIND, bindRequest({ Proto: "http", Opts: { Hostname: host } }));
  return endless;
}

/** They ask, and read nothing. */
async function stuckVisitors(port: number, host: string): Promise<readonly Duplex[]> {
  const request = Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const visitors: Duplex[] = [];
  while (visitors.length < STUCK) {
    const next = Array.from({ length: AT_A_TIME }, () => dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 10_000 }));
    for (const visitor of await Promise.all(next)) {
      visitor.pause();
      visitor.write(request);
      visitors.push(visitor);
    }
  }
  return visitors;
}

/** The number stays what it is. */
async function rests(look: () => number): Promise<void> {
  let [last, looks] = [-1, 0];
  await settles(() => {
    looks = look() === last ? looks + 1 : 0;
    last = look();
    return looks > LOOKS_AT_REST;
  }, true);
}

test(
  "an edge holds so much and no more for an agent whose visitors read nothing, and serves everybody else",
  async () => {
    await using scene = await FaultScene.start({ upstream: upstream.url.host });
    const before = await scene.holdingsAtRest();
    const host = `hoard.${EDGE_DOMAIN}`;
    const hostile = await enter(scene, host);
    const bytesBefore = residentBytes(scene.edge.pid);
    const visitors = await stuckVisitors(scene.edge.ports.http, host);
    await settles(() => hostile.resets.length > 0, true);
    await rests(() => hostile.sentBytes);
    const heldBytes = (): number => residentBytes(scene.edge.pid) - bytesBefore;
    await settles(() => heldBytes() < REST_LIMIT_BYTES, true);
    expect(new Set(hostile.resets)).toEqual(new Set([MUX_ERRORS.enhanceYourCalm]));
    await scene.expectServed();
    expect((await visit(host, { port: scene.edge.ports.http, path: "/short" })).body.toString()).toBe("ok");
    expect(hostile.agent.ends).toEqual([]);
    for (const visitor of visitors) visitor.reset();
    hostile.agent.session.close("done");
    await scene.expectNothingKept(before);
  },
  LIMIT_MS,
);

/** What the agent dials: an edge of the test for its first session, then the honest one. */
function twoEdges(honestPort: number, onSession: (edge: PlayedEdge) => void): Listening {
  let sessions = 0;
  return listenTcp({ hostname: "127.0.0.1", port: 0 }, (plain) => {
    sessions += 1;
    if (sessions === 1) {
      void acceptAfterHello(plain).then(({ connection }) => onSession(playedEdge(connection)));
      return;
    }
    plain.pause();
    void dialTcp({ host: "127.0.0.1", port: honestPort }, { timeoutMs: 5_000 }).then((far) => splice(plain, far));
  });
}

function playedEdge(connection: Duplex): PlayedEdge {
  const bind = answer(BIND, ({ bindId, protocol, wireOptions, extra }) => {
    const url = protocol === "tcp" ? "tcp://127.0.0.1:1" : `${protocol}://${PREY_HOST}`;
    return Promise.resolve({
      bindId: bindId || `bind-${protocol}`,
      url,
      protocol,
      wireOptions: answerOptions(protocol, wireOptions ?? {}, url),
      extra: { token: extra.token || "t", tunnelId: "tn_1", ginnel: undefined },
    });
  });
  const edge = new PlayedEdge(connection, [bind]);
  edge.authenticate = () => Promise.resolve(replyOf("ts_1", true));
  return edge;
}

/** Visitors who send a window's worth each at once. Resolves when all of it has left; the codes of those that are reset. */
async function floodVisitors({ session }: PlayedEdge, bindId: string): Promise<readonly (number | undefined)[]> {
  const header = new ProxyHeaderEncoder({ bindId, protocol: "tcp", edgeType: "0", passesTlsThrough: false });
  const resets: (number | undefined)[] = [];
  const visit = (): Promise<void> =>
    new Promise((left) => {
      const stream = session.openProxy(header, "192.0.2.7:4711");
      stream?.listen({
        ...IGNORE,
        onDrain: left,
        onClose: (cause) => {
          resets.push(cause?.resetCode);
          left();
        },
      });
      stream?.write(WINDOW);
    });
  for (let visited = 0; visited < FLOOD; visited += AT_A_TIME)
    await Promise.all(Array.from({ length: AT_A_TIME }, visit));
  return resets;
}

test.each([
  ["descriptors", 3_000, RESET_CODES.upstreamUnreachable],
  ["bytes", 16_000, MUX_ERRORS.enhanceYourCalm],
])(
  "an agent holds so many %s and no more for an edge that floods a tunnel whose upstream does not answer, and serves at the next",
  async (_, descriptors, code) => {
    await using edge = await EdgeProcess.start();
    await using deaf = await DeafPort.open();
    const first = Promise.withResolvers<PlayedEdge>();
    using front = twoEdges(edge.ports.https, first.resolve);
    const settings = {
      version: 2,
      server_addr: `127.0.0.1:${front.port}`,
      authtoken: EDGE_TOKEN,
      root_cas: "ca.pem",
      web_addr: false,
      tunnels: {
        web: { proto: "http", addr: upstream.url.host, schemes: ["http"], hostname: PREY_HOST },
        mute: { proto: "tcp", addr: `127.0.0.1:${deaf.port}` },
      },
    };
    const files = { "ca.pem": certificates.caPem + edge.caPem, "agent.yml": JSON.stringify(settings) };
    const enter = ["prlimit", `--nofile=${descriptors}`];
    await using agent = await AgentProcess.start(["start", "--all", "--config=agent.yml"], { files, enter });
    await Promise.all([agent.url("web"), agent.url("mute")]);
    const hostile = await first.promise;
    const peak = await watchPeakMemory([agent.child.pid]);
    const resets = await floodVisitors(hostile, "bind-tcp");
    const [peakBytes = 0] = await peak();
    expect(descriptorsOf(agent.child.pid)).toBeLessThan(descriptors / 2);
    expect(peakBytes).toBeLessThan(PEAK_LIMIT_BYTES);
    expect(resets).toContain(code);
    expect(hostile.ends).toEqual([]);
    hostile.session.close("enough");
    await edge.logged("endpoint online", PREY_HOST);
    expect((await visit(PREY_HOST, { port: edge.ports.http })).body.toString()).toBe("here I am");
    expect(agent.stderr.lines).toEqual([]);
  },
  LIMIT_MS,
);
