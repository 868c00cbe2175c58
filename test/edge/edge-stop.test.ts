import { afterEach, describe, expect, test } from "bun:test";
import type { EdgeOptions } from "../../src/edge/edge.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { freePorts } from "../support/free-ports.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { type EdgeAgent, EDGE_CA_PEM, LOOPBACK, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually, quiet } from "../support/turns.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const GET = "GET / HTTP/1.1\r\nHost: a.edge.test\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const NEVER = new AbortController().signal;

interface Scene extends EdgeAgent {
  readonly edge: TestEdge;
}

/** An edge with one agent that serves a.edge.test. */
async function scene(more: Partial<EdgeOptions> = {}, wire: object = { Proto: "http" }): Promise<Scene> {
  const edge = testEdge(more);
  ends.push(edge.end);
  const connected = await edge.agent();
  await connected.bind({ Opts: { Domain: "a.edge.test" }, ...wire });
  return { edge, ...connected };
}

interface Visitor {
  readonly connection: Duplex;
  readonly heard: RecordingListener;
  readonly send: (text: string) => void;
}

async function visitor(port: number): Promise<Visitor> {
  const connection = await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 5_000 });
  ends.push(() => connection.reset());
  const heard = new RecordingListener(connection);
  return { connection, heard, send: (text) => void connection.write(bytes(text)) };
}

/** The stream of that number at the agent, once it is open. */
async function streamOf({ agent }: Scene, index: number): Promise<EdgeAgent["agent"]["proxies"][number]> {
  await eventually("the agent has the stream", () => agent.proxies.length > index);
  const proxied = agent.proxies[index];
  if (proxied === undefined) throw new Error("no stream");
  return proxied;
}

describe("Edge.stop", () => {
  test("takes no new visitors, ends idle ones, completes what runs, and says goodbye to agents last", async () => {
    const s = await scene();
    const [idle, busy] = [await visitor(s.edge.http), await visitor(s.edge.http)];
    idle.send(GET);
    (await streamOf(s, 0)).stream.write(bytes(OK));
    await idle.heard.until(() => idle.heard.text === OK);
    busy.send(GET);
    const { stream } = await streamOf(s, 1);

    let isStopped = false;
    const stopped = s.edge.edge.stop(NEVER).then(() => {
      isStopped = true;
    });
    await idle.heard.until(() => idle.heard.hasEnded);
    using _free = listenTcp({ hostname: LOOPBACK, port: s.edge.http }, (connection) => connection.reset());
    await quiet();
    expect([s.agent.ends, isStopped]).toEqual([[], false]);

    stream.write(bytes(OK));
    await busy.heard.until(() => busy.heard.hasEnded);
    expect(busy.heard.text).toContain("Connection: close\r\n");
    expect(busy.heard.text).toEndWith("\r\n\r\nok");
    await stopped;
    await eventually("the agent has the goodbye", () => s.agent.ends.length === 1);
    expect(s.agent.ends).toEqual([{ type: "goAway", code: 0, message: "the edge stops" }]);
  });

  test("waits until a slow visitor has been given all of its response", async () => {
    const s = await scene();
    const total = 24 * 1024 * 1024;
    const { heard, send, connection } = await visitor(s.edge.http);
    send(GET);
    const { stream } = await streamOf(s, 0);
    stream.write(bytes(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`));
    await heard.until(() => heard.text.endsWith("\r\n\r\n"));
    const head = heard.bytesHeard;
    connection.pause();
    stream.write(new Uint8Array(total));
    let isStopped = false;
    const stopped = s.edge.edge.stop(NEVER).then(() => {
      isStopped = true;
    });
    await quiet();
    expect(isStopped).toBe(false);
    connection.resume();
    await heard.until(() => heard.hasEnded);
    await stopped;
    expect(heard.bytesHeard).toBe(head + total);
  });

  test("cuts what is left when the time is over", async () => {
    const s = await scene();
    const { heard, send } = await visitor(s.edge.http);
    send(GET);
    (await streamOf(s, 0)).stream.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"));
    await heard.until(() => heard.text.endsWith("part"));
    const deadline = new AbortController();
    const stopped = s.edge.edge.stop(deadline.signal);
    await quiet();
    expect(heard.isClosed).toBe(false);
    deadline.abort();
    await stopped;
    await heard.until(() => heard.isClosed);
    expect(heard.cause?.code).toBe("ECONNRESET");
  });

  test("may be called twice: both calls end together, and the shorter time counts", async () => {
    const s = await scene();
    const { heard, send } = await visitor(s.edge.http);
    send(GET);
    await streamOf(s, 0);
    const first = s.edge.edge.stop(NEVER);
    await Promise.all([first, s.edge.edge.stop(AbortSignal.abort())]);
    await heard.until(() => heard.isClosed);
    await s.edge.edge.stop(NEVER);
  });

  test("does not wait for connections that ask for nothing", async () => {
    const s = await scene();
    const silent: Pick<Visitor, "heard">[] = [
      await visitor(s.edge.http),
      await visitor(s.edge.https),
      await visitor(s.edge.agents),
    ];
    const plain = await dialTcp({ host: LOOPBACK, port: s.edge.https }, { timeoutMs: 5_000 });
    const context = clientTlsContext([EDGE_CA_PEM]);
    const { connection } = await connectTls(plain, { context, serverName: "a.edge.test", verify: true });
    silent.push({ heard: new RecordingListener(connection) });
    await s.edge.edge.stop(NEVER);
    for (const { heard } of silent) await heard.until(() => heard.hasEnded || heard.isClosed);
  });

  test("ends a handshake that does not go on when the time is over", async () => {
    const asked = Promise.withResolvers<void>();
    const s = await scene({
      issue: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    });
    const plain = await dialTcp({ host: LOOPBACK, port: s.edge.https }, { timeoutMs: 5_000 });
    const shaken = connectTls(plain, {
      context: clientTlsContext([EDGE_CA_PEM]),
      serverName: "a.edge.test",
      verify: true,
    }).then(
      () => "in",
      () => "out",
    );
    await asked.promise;
    const deadline = new AbortController();
    const stopped = s.edge.edge.stop(deadline.signal);
    deadline.abort();
    expect(await shaken).toBe("out");
    await stopped;
  });

  test("lets TCP visitors go on until the time is over, and frees their port at once", async () => {
    const first = freePorts(1);
    const tcp = { hostname: LOOPBACK, ports: { first, last: first } };
    const s = await scene({ tcp }, { Proto: "tcp", Opts: {} });
    const { heard, send } = await visitor(first);
    send("hello");
    const { stream } = await streamOf(s, 0);
    const deadline = new AbortController();
    const stopped = s.edge.edge.stop(deadline.signal);
    using _free = listenTcp({ hostname: LOOPBACK, port: first }, (connection) => connection.reset());
    stream.write(bytes("still here"));
    await heard.until(() => heard.text === "still here");
    deadline.abort();
    await stopped;
    await heard.until(() => heard.isClosed);
  });
});
