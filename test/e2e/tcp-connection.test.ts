/** What a TCP connection can do, it does through a tunnel: end one direction, be reset, be slow, be large, be one of many. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { SocketDuplex } from "../../src/net/socket-duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { agentOf, EDGES, portOf } from "../support/agent-of-edge.ts";
import type { AgentProcess } from "../support/agent-process.ts";
import { exchangeBulk } from "../support/bulk-exchange.ts";
import { EagerSender, stall } from "../support/eager-sender.ts";
import type { EdgeProcess } from "../support/edge-process.ts";
import { watchPeakMemory } from "../support/peak-memory.ts";
import { echo, RawUpstream } from "../support/raw-upstream.ts";
import { RecordingListener } from "../support/recording-listener.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);
const MIB = 1 << 20;
const BULK_BYTES = 64 * MIB;
/** Kernel buffers of three connections and one stream's window; far less than what the writer would send. */
const STALLED_LIMIT_BYTES = 48 * MIB;
const MEMORY_GROWTH_LIMIT_BYTES = 128 * MIB;
const MANY = 500;

describe.each(EDGES)("over %s", (_, startEdge) => {
  let edge: EdgeProcess | undefined;
  let agent: AgentProcess;
  let upstream: RawUpstream;
  let port: number;
  beforeAll(async () => {
    upstream = new RawUpstream();
    edge = await startEdge();
    agent = await agentOf(edge, ["tcp", String(upstream.port)]);
    port = portOf(await agent.url());
  });
  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    await edge?.[Symbol.asyncDispose]();
    upstream[Symbol.dispose]();
    expect(agent.stderr.lines).toEqual([]);
  });

  const visit = (): Promise<SocketDuplex> => dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });

  /** A visitor's end and the upstream's end of one connection. */
  async function joined(): Promise<readonly [SocketDuplex, SocketDuplex]> {
    const [visitor, arrived] = await Promise.all([visit(), upstream.next()]);
    return [visitor, arrived];
  }

  test.each([
    ["visitor", 0, 1],
    ["upstream", 1, 0],
  ] as const)(
    "a connection that the %s ends in one direction carries late data in the other",
    async (__, first, last) => {
      const ends = await joined();
      const [ender, goer] = [ends[first], ends[last]];
      const [enderHeard, goerHeard] = [new RecordingListener(ender), new RecordingListener(goer)];
      ender.write(Buffer.from("one line\n"));
      ender.end();
      await goerHeard.until(() => goerHeard.hasEnded);
      expect(goerHeard.text).toBe("one line\n");
      for (const line of ["late\n", "later\n"]) {
        goer.write(Buffer.from(line));
        await enderHeard.until(() => enderHeard.text.endsWith(line));
      }
      expect(enderHeard.hasEnded).toBe(false);
      goer.end();
      await enderHeard.until(() => enderHeard.isClosed);
      await goerHeard.until(() => goerHeard.isClosed);
      expect([enderHeard.text, enderHeard.cause, goerHeard.cause]).toEqual(["late\nlater\n", undefined, undefined]);
    },
  );

  test.each([
    ["visitor", 0, 1],
    ["upstream", 1, 0],
  ] as const)("a reset of the %s is a reset at the other end", async (__, first, last) => {
    const ends = await joined();
    const [cutter, other] = [ends[first], ends[last]];
    const [cutterHeard, heard] = [new RecordingListener(cutter), new RecordingListener(other)];
    other.write(Buffer.from("x"));
    await cutterHeard.until(() => cutterHeard.text === "x");
    cutter.reset();
    await heard.until(() => heard.isClosed);
    expect(heard.cause?.code).toBe("ECONNRESET");
  });

  test("a visitor who leaves without a word is gone for the upstream too", async () => {
    const [visitor, arrived] = await joined();
    const heard = new RecordingListener(arrived);
    visitor.end();
    await heard.until(() => heard.hasEnded);
    arrived.end();
    await heard.until(() => heard.isClosed);
    expect(heard.cause).toBeUndefined();
  });

  test("64 MB go both ways at once, unharmed", async () => {
    const [visitor, arrived] = await joined();
    const [near, far] = await Promise.all([exchangeBulk(visitor, BULK_BYTES), exchangeBulk(arrived, BULK_BYTES - 1)]);
    expect([near.cause, far.cause]).toEqual([undefined, undefined]);
    expect([near.heardBytes, far.heardBytes]).toEqual([BULK_BYTES - 1, BULK_BYTES]);
    expect([near.heard, far.heard]).toEqual([far.sent, near.sent]);
  });

  describe("back-pressure", () => {
    const processes = (): number[] => [agent.child.pid, ...(edge === undefined ? [] : [edge.pid])];

    test.each([
      ["visitor", 0, 1],
      ["upstream", 1, 0],
    ] as const)("of the %s that does not read reaches the writer, and nobody else", async (__, first, last) => {
      const [bystander, echoing] = await joined();
      echo(echoing);
      const pong = new RecordingListener(bystander);
      const peak = await watchPeakMemory(processes());
      const ends = await joined();
      const [reader, writer] = [ends[first], ends[last]];
      const heard = new RecordingListener(reader);
      reader.pause();
      const sender = new EagerSender(writer);
      await stall(sender, bystander, pong);
      expect(sender.sentBytes).toBeLessThan(STALLED_LIMIT_BYTES);
      sender.finish();
      reader.resume();
      await heard.until(() => heard.hasEnded);
      expect(heard.bytesHeard).toBe(sender.sentBytes);
      expect(Math.max(...(await peak()))).toBeLessThan(MEMORY_GROWTH_LIMIT_BYTES);
      reader.end();
      bystander.end();
    });
  });

  test("500 visitors are served at once", async () => {
    const visitors = await Promise.all(
      Array.from({ length: MANY }, async (__, at) => {
        const visitor = await visit();
        visitor.write(Buffer.from(`visitor ${at};`));
        return new Visitor(visitor, `visitor ${at};`);
      }),
    );
    const arrived: SocketDuplex[] = [];
    while (arrived.length < MANY) arrived.push(await upstream.next());
    arrived.forEach(echo); // all are there before the first is answered
    await Promise.all(visitors.map((visitor) => visitor.leave()));
    expect(visitors.map(({ heard }) => [heard.text, heard.cause])).toEqual(
      visitors.map(({ said }) => [said, undefined]),
    );
  });

  test("visitors of an agent that is killed do not wait", async () => {
    await using other = await agentOf(edge, ["tcp", String(upstream.port)]);
    const visitor = await dialTcp({ host: "127.0.0.1", port: portOf(await other.url()) }, { timeoutMs: 5_000 });
    const heard = new RecordingListener(visitor);
    const arrived = await upstream.next();
    echo(arrived);
    visitor.write(Buffer.from("x"));
    await heard.until(() => heard.text === "x");
    await other.end("SIGKILL");
    // The kernel ends the connections of a process that is gone; an edge that lives on knows better.
    await heard.until(() => (edge === undefined ? heard.hasEnded : heard.cause?.code === "ECONNRESET"));
    expect(heard.text).toBe("x");
    visitor.reset();
  });

  test("a visitor is reset, and the agent goes on, when the upstream is not there", async () => {
    const nobody = new RawUpstream();
    const { port: free } = nobody;
    nobody[Symbol.dispose]();
    await using other = await agentOf(edge, ["tcp", String(free)]);
    const publicPort = portOf(await other.url());
    for (let time = 0; time < 2; time += 1) {
      const visitor = await dialTcp({ host: "127.0.0.1", port: publicPort }, { timeoutMs: 5_000 });
      const heard = new RecordingListener(visitor);
      await heard.until(() => heard.isClosed);
      expect([heard.text, heard.cause?.code]).toEqual(["", "ECONNRESET"]);
    }
    const { err, lvl } = await other.logged("upstream not reached");
    expect([lvl, err]).toEqual(["warn", expect.stringContaining("connection refused")]);
  });

  test("a tunnel logs who visits, as the visitor comes", async () => {
    const from = agent.log.lines.length;
    const [visitor] = await joined();
    const { l, r } = await agent.logged("join connections", {}, from);
    expect([l, r]).toEqual([`localhost:${upstream.port}`, visitor.localAddress]);
    visitor.reset();
  });
});

/** One of many, who leaves when all was heard. */
class Visitor {
  readonly heard: RecordingListener;
  readonly said: string;
  readonly #connection: SocketDuplex;

  constructor(connection: SocketDuplex, said: string) {
    this.#connection = connection;
    this.said = said;
    this.heard = new RecordingListener(connection);
  }

  async leave(): Promise<void> {
    await this.heard.until(() => this.heard.bytesHeard >= this.said.length);
    this.#connection.end();
    await this.heard.until(() => this.heard.isClosed);
  }
}
