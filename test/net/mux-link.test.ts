import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { type LinkEnd, MuxLink, type MuxLinkHandler, type MuxLinkOptions } from "../../src/net/mux-link.ts";
import { pipe } from "../../src/net/pipe.ts";
import type { MuxStream } from "../../src/protocol/mux/mux-stream.ts";
import { type ConnectedPair, duplexContract } from "../support/duplex-contract.ts";
import { dataFrame } from "../support/frame-bytes.ts";
import { framesOf } from "../support/frame-recorder.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { RecordingListener } from "../support/recording-listener.ts";

/** A link with everything it says remembered. */
class LinkEndpoint implements MuxLinkHandler {
  readonly link: MuxLink;
  readonly accepted: MuxStream[] = [];
  readonly faults: unknown[] = [];
  readonly ends: LinkEnd[] = [];
  onAccepted: (stream: MuxStream) => void = () => {};
  onEnded: () => void = () => {};
  #wake: () => void = () => {};

  constructor(role: "agent" | "edge", duplex: Duplex, options: Partial<MuxLinkOptions> = {}) {
    this.link = new MuxLink(role, duplex, this, { maxStreams: 100, clock: systemClock, ...options });
  }

  onStream(stream: MuxStream): void {
    this.accepted.push(stream);
    this.onAccepted(stream);
    this.#wake();
  }

  onHeard(): void {}

  onFault(error: unknown): void {
    this.faults.push(error);
  }

  onClose(end: LinkEnd): void {
    this.ends.push(end);
    this.#wake();
    this.onEnded();
  }

  open(): MuxStream {
    const stream = this.link.mux.open();
    if (stream === undefined) throw new Error("no stream could be opened");
    return stream;
  }

  /** The next stream of the peer, or the end. */
  async event(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async ended(): Promise<LinkEnd> {
    while (this.ends.length === 0) await this.event();
    return this.ends[0] ?? { type: "closed" };
  }
}

const open: MuxLink[] = [];

afterEach(() => {
  for (const link of open.splice(0)) link.reset();
});

interface Joined {
  readonly agent: LinkEndpoint;
  readonly edge: LinkEndpoint;
}

function joined(withWriteNow = true): Joined {
  const ends = pipe().map((end) => (withWriteNow ? end : withoutWriteNow(end)));
  const [a, b] = ends;
  if (a === undefined || b === undefined) throw new Error("no pipe");
  const pair = { agent: new LinkEndpoint("agent", a), edge: new LinkEndpoint("edge", b) };
  open.push(pair.agent.link, pair.edge.link);
  return pair;
}

function withoutWriteNow(end: Duplex): Duplex {
  return {
    remoteAddress: end.remoteAddress,
    listen: (handler) => end.listen(handler),
    write: (bytes) => end.write(bytes),
    end: () => end.end(),
    reset: (code) => end.reset(code),
    pause: () => end.pause(),
    resume: () => end.resume(),
  };
}

/** Both ends of one stream. The accepting end exists once a first byte came, which its listeners do not get to see. */
async function streamPair(withWriteNow: boolean): Promise<ConnectedPair> {
  const { agent, edge } = joined(withWriteNow);
  const near = edge.open();
  near.write(Buffer.from("x"));
  while (agent.accepted.length === 0) await agent.event();
  const [far] = agent.accepted;
  if (far === undefined) throw new Error("no stream came");
  return { ends: [near, withoutFirstByte(far)] };
}

function withoutFirstByte(stream: Duplex): Duplex {
  let isFirst = true;
  return {
    ...withoutWriteNow(stream),
    listen: (handler) =>
      stream.listen({
        onData: (bytes) => {
          const rest = isFirst ? bytes.subarray(1) : bytes;
          isFirst = false;
          if (rest.length > 0) handler.onData(rest);
        },
        onDrain: () => handler.onDrain(),
        onEnd: () => handler.onEnd(),
        onClose: (cause) => handler.onClose(cause),
      }),
  };
}

duplexContract("MuxStream", () => streamPair(true));
duplexContract("MuxStream on a link without writeNow", () => streamPair(false));

describe("MuxLink", () => {
  test("carries streams of both openers", async () => {
    const { agent, edge } = joined();
    const [asked, answered] = [new RecordingListener(), new RecordingListener()];
    agent.onAccepted = (stream) => {
      stream.listen(asked);
      asked.onBytes = (bytes) => stream.write(Buffer.concat([Buffer.from("re: "), bytes]));
    };
    const stream = edge.open();
    stream.listen(answered);
    stream.write(Buffer.from("question"));
    await answered.until(() => answered.text === "re: question");
    expect(edge.link.mux.streamsOpen).toBe(1);
    expect(edge.link.mux.bytesOut).toBe(agent.link.mux.bytesIn);
  });

  test("reads what was taken off the connection before", async () => {
    const [near, far] = pipe();
    const edge = new LinkEndpoint("edge", near, { initial: dataFrame(3, "early", "syn") });
    open.push(edge.link);
    const heard = new RecordingListener();
    edge.onAccepted = (stream) => stream.listen(heard);
    far.write(dataFrame(3, " and late"));
    await heard.until(() => heard.text === "early and late");
    expect(heard.text).toBe("early and late");
  });

  test("sends what all streams write in one turn with one write", async () => {
    const [near, far] = pipe();
    const edge = new LinkEndpoint("edge", near);
    open.push(edge.link);
    const wire = new RecordingListener(far);
    let writes = 0;
    wire.onBytes = () => (writes += 1);
    for (let i = 0; i < 50; i += 1) edge.open().write(Buffer.from("small"));
    await wire.until(() => wire.bytesHeard === 50 * 13);
    expect([writes, framesOf(wire.heard).length]).toEqual([1, 50]);
  });

  test("does not hold up other streams, or itself, for a slow one", async () => {
    const { agent, edge } = joined();
    const quick = new RecordingListener();
    agent.onAccepted = (stream) => {
      if (stream.id === 2) stream.pause();
      stream.listen(stream.id === 2 ? new RecordingListener() : quick);
    };
    const [slow, other] = [edge.open(), edge.open()];
    slow.listen(new RecordingListener());
    const atOther = new RecordingListener(other);
    for (let i = 0; i < 100; i += 1) slow.write(patternedBytes(65_536));
    const whole = patternedBytes(3_000_000);
    for (let at = 0; at < whole.length; at += 50_000) {
      const drains = atOther.drains;
      if (!other.write(whole.subarray(at, at + 50_000))) await atOther.until(() => atOther.drains > drains);
    }
    await quick.until(() => quick.bytesHeard === whole.length);
    expect(quick.heard.equals(whole)).toBe(true);
  });

  test("closes after what is queued, and tells both sides and all streams", async () => {
    const { agent, edge } = joined();
    const [atAgent, atEdge] = [new RecordingListener(), new RecordingListener()];
    agent.onAccepted = (stream) => stream.listen(atAgent);
    const stream = edge.open();
    stream.listen(atEdge);
    stream.write(patternedBytes(200_000));
    edge.link.close(0, "no error");
    expect(await edge.ended()).toEqual({ type: "closed" });
    expect(await agent.ended()).toEqual({ type: "goAway", code: 0, message: "no error" });
    await Promise.all([atAgent.until(() => atAgent.isClosed), atEdge.until(() => atEdge.isClosed)]);
    expect([atAgent.bytesHeard, atAgent.cause?.code, atEdge.cause?.code]).toEqual([
      200_000,
      "SESSION_ENDED",
      "SESSION_ENDED",
    ]);
    expect([edge.link.mux.open(), agent.link.mux.open()]).toEqual([undefined, undefined]);
  });

  test.each<[string, (far: Duplex) => void, string | undefined]>([
    ["ends in order", (far) => far.end(), undefined],
    ["is reset", (far) => far.reset(), "RESET"],
  ])("ends every stream when its connection %s", async (_, act, code) => {
    const [near, far] = pipe();
    const atFar = new RecordingListener(far);
    const edge = new LinkEndpoint("edge", near);
    const heard = new RecordingListener(edge.open());
    act(far);
    const end = await edge.ended();
    await heard.until(() => heard.isClosed);
    await atFar.until(() => atFar.isClosed);
    expect([end.type, end.type === "lost" && end.cause?.code, heard.cause?.code]).toEqual([
      "lost",
      code,
      "SESSION_ENDED",
    ]);
    expect(edge.ends).toHaveLength(1);
  });

  test("says goodbye to a peer that breaks the protocol, and closes", async () => {
    const [near, far] = pipe();
    const atFar = new RecordingListener(far);
    const edge = new LinkEndpoint("edge", near);
    far.write(Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n\0\0\0\0\0\0\0\0"));
    far.write(Buffer.from("0000001000000000", "hex"));
    const end = await edge.ended();
    await atFar.until(() => atFar.hasEnded);
    far.end();
    await atFar.until(() => atFar.isClosed);
    expect(end.type).toBe("violation");
    expect(framesOf(atFar.heard).at(-1)).toMatchObject({ type: "goAway", code: 1 });
    expect(atFar.cause).toBeUndefined();
  });

  test("resets a connection that does not take the goodbye in time", async () => {
    const [near, far] = pipe();
    far.pause();
    const atFar = new RecordingListener(far);
    const clock = new ManualClock();
    const edge = new LinkEndpoint("edge", near, { clock });
    for (let i = 0; i < 20; i += 1) edge.open().write(patternedBytes(200_000));
    edge.link.close();
    edge.link.close();
    expect(clock.pending).toBe(1);
    clock.advance(5_000);
    await atFar.until(() => atFar.isClosed);
    expect([await edge.ended(), atFar.cause?.code]).toEqual([{ type: "closed" }, "RESET"]);
  });

  test("reports a handler that throws at the end, and tells the streams all the same", async () => {
    const { agent, edge } = joined();
    const fault = new Error("a fault of ours");
    edge.onEnded = () => {
      throw fault;
    };
    const heard = new RecordingListener(edge.open());
    edge.link.close();
    await heard.until(() => heard.isClosed);
    expect([edge.faults, edge.ends]).toEqual([[fault], [{ type: "closed" }]]);
    await agent.ended();
  });

  test("reports a listener that throws, and goes on", async () => {
    const { agent, edge } = joined();
    const fault = new Error("a fault of ours");
    const heard = new RecordingListener();
    agent.onAccepted = (stream) => {
      if (stream.id === 2) throw fault;
      stream.listen(heard);
    };
    for (const text of ["first", "second"]) edge.open().write(Buffer.from(text));
    await heard.until(() => heard.text === "second");
    expect([agent.faults, agent.ends]).toEqual([[fault], []]);
  });
});
