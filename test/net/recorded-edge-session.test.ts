/** An edge session that hears what published agents sent, and must answer as the edge of the recording did. */
import { describe, expect, test } from "bun:test";
import { PublicError } from "../../src/base/errors.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { pipe } from "../../src/net/pipe.ts";
import { type Answer, answer } from "../../src/net/rpc-answer.ts";
import { PATCH_TUNNEL_STATE, SRV_INFO, START_TUNNEL_WITH_LABEL, UNBIND } from "../../src/protocol/rpc/agent-calls.ts";
import { answerOptions } from "../../src/protocol/rpc/answered-options.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { BIND } from "../../src/protocol/rpc/bind.ts";
import { RESTART, STOP, STOP_TUNNEL, UPDATE } from "../../src/protocol/rpc/edge-commands.ts";
import { ProxyHeaderEncoder } from "../../src/protocol/rpc/proxy-header.ts";
import { decodeReply, type RpcReply } from "../../src/protocol/rpc/rpc-call.ts";
import { STREAM_TYPES } from "../../src/protocol/rpc/stream-type.ts";
import { dataFrame } from "../support/frame-bytes.ts";
import { type Frame, framesOf } from "../support/frame-recorder.ts";
import {
  type RecordedFrame,
  recordedFrames,
  type RecordedStream,
  recordedStreams,
  type RECORDINGS,
} from "../support/recorded-session.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { PlayedEdge } from "../support/session-pair.ts";
import { eventually, quiet } from "../support/turns.ts";

type Recording = (typeof RECORDINGS)[number];

const GOAWAY_FRAME = 3;
const DATA_FIN = 0x11;

interface Played {
  readonly edge: PlayedEdge;
  readonly agentEnd: Duplex;
  readonly frames: () => Frame[];
  /** What the edge sent on a stream, joined. */
  readonly sent: (id: number) => Buffer;
  readonly hasFin: (id: number) => boolean;
  /** Streams on which the agent places a call. */
  readonly callIds: ReadonlySet<number>;
}

/** An edge that grants what the edge of the recording granted. */
function playEdge(streams: readonly RecordedStream[]): Played {
  const [edgeEnd, agentEnd] = pipe();
  const heard = new RecordingListener(agentEnd);
  const recorded = <R>(call: RpcReply<R> & { readonly streamType: number }): (() => R) => {
    const replies = streams.filter(({ streamType }) => streamType === call.streamType).map((s) => s.fromAnswerer);
    return () => decodeReply(call, replies.shift() ?? new Uint8Array());
  };
  const bound = recorded(BIND);
  const answers: readonly Answer[] = [
    answer(BIND, async (request) => {
      const reply = bound();
      return { ...reply, wireOptions: answerOptions(request.protocol, request.wireOptions ?? {}, reply.url) };
    }),
    answer(UNBIND, async () => ({})),
    answer(PATCH_TUNNEL_STATE, async () => ({})),
    answer(SRV_INFO, async () => ({ region: "local" })),
    answer(START_TUNNEL_WITH_LABEL, async () => labelled()),
  ];
  const labelled = recorded(START_TUNNEL_WITH_LABEL);
  const edge = new PlayedEdge(edgeEnd, answers);
  const authenticated = recorded(AUTH);
  edge.authenticate = async () => authenticated();
  const dataOf = (id: number): Extract<Frame, { type: "data" }>[] =>
    framesOf(heard.heard).filter((frame) => frame.type === "data" && frame.id === id) as never; // filtered by type
  return {
    edge,
    agentEnd,
    frames: () => framesOf(heard.heard),
    sent: (id) => Buffer.concat(dataOf(id).map(({ payload }) => payload)),
    hasFin: (id) => dataOf(id).some(({ fin }) => fin),
    callIds: new Set(streams.filter(isCall).map(({ id }) => id)),
  };
}

function isCall({ openedBy, streamType }: RecordedStream): boolean {
  return openedBy === "agent->edge" && streamType >= 0 && streamType !== STREAM_TYPES.heartbeat;
}

/** The frames that an agent sent, without its goodbye. */
function fromAgent(frames: readonly RecordedFrame[]): readonly Uint8Array[] {
  return frames
    .filter(({ dir, bytes }) => dir === "agent->edge" && bytes.length > 0 && (bytes[3] ?? 0) >> 4 !== GOAWAY_FRAME)
    .map(({ bytes }) => bytes);
}

/** Some recordings begin after Auth: they get that of the JS SDK. */
async function connected(recording: Recording): Promise<{ streams: RecordedStream[]; frames: readonly Uint8Array[] }> {
  const streams = await recordedStreams(recording);
  const frames = fromAgent(await recordedFrames(recording));
  const opensSession = new Set<number>([STREAM_TYPES.auth, STREAM_TYPES.srvInfo]);
  if (streams.some(({ streamType }) => opensSession.has(streamType))) return { streams: [...streams], frames };
  const start = (await recordedStreams("js-http")).filter(({ id }) => id === 3 || id === 5);
  return { streams: [...start, ...streams], frames: [...(await authFrames()), ...frames] };
}

async function authFrames(): Promise<readonly Uint8Array[]> {
  return fromAgent((await recordedFrames("js-http")).filter(({ note }) => note.startsWith("[connect")));
}

/** As the agent did: it ends its direction of a call when it has the reply, and only then goes on. */
async function play(
  { agentEnd, hasFin, callIds }: Played,
  frames: readonly Uint8Array[],
  pieceBytes: number,
): Promise<void> {
  for (const frame of frames) {
    const id = Buffer.from(frame).readUInt32BE(4);
    if (frame[3] === DATA_FIN && callIds.has(id)) await eventually(`call ${id} is answered`, () => hasFin(id));
    for (let at = 0; at < frame.length; at += pieceBytes) agentEnd.write(frame.subarray(at, at + pieceBytes));
  }
}

const json = (bytes: Buffer): unknown => JSON.parse(bytes.toString());

describe("EdgeSession", () => {
  test.each(
    (
      [
        "js-http",
        "js-tcp",
        "js-binds",
        "js-reconnect",
        "go-http",
        "go-tcp-patch",
        "go-diagnose",
        "go-multileg-leg1",
      ] as const
    ).flatMap((recording) => [[recording, 1] as const, [recording, 1 << 20] as const]),
  )("answers calls and heartbeats of %s, cut into pieces of %d bytes, as recorded", async (recording, pieceBytes) => {
    const { streams, frames } = await connected(recording);
    const played = playEdge(streams);
    await play(played, frames, pieceBytes);
    const fromOpener = streams.filter(({ openedBy }) => openedBy === "agent->edge");
    const calls = streams.filter(isCall);
    await eventually("every call is answered", () => calls.every(({ id }) => played.hasFin(id)));
    expect(calls).not.toBeEmpty();
    for (const { id, fromAnswerer } of calls) expect(json(played.sent(id))).toEqual(json(Buffer.from(fromAnswerer)));
    await quiet();
    for (const { id, fromOpener: beats } of fromOpener.filter(
      ({ streamType }) => streamType === STREAM_TYPES.heartbeat,
    )) {
      expect(played.sent(id)).toEqual(Buffer.from(beats));
    }
    expect([played.edge.faults, played.edge.ends]).toEqual([[], []]);
  });

  test("sends commands as recorded and takes the agent's answers", async () => {
    const { streams, frames } = await connected("js-commands");
    const start = await authFrames();
    const played = playEdge(streams);
    const { edge, sent, hasFin } = played;
    await play(played, start, 1 << 20);

    const results = Promise.allSettled([
      edge.session.call(STOP, {}),
      edge.session.call(RESTART, {}),
      edge.session.call(UPDATE, { version: "1.2.3", permitsMajorVersion: false }),
    ]);
    const message = "The endpoint was stopped by an operator.";
    edge.session.notify(STOP_TUNNEL, { bindId: "tn_example0001", message, errorCode: "ERR_NGROK_0" });
    await eventually("the commands are out", () => hasFin(8));
    // FIN only after the reply (protocol.md section 7).
    expect([hasFin(2), hasFin(4), hasFin(6)]).toEqual([false, false, false]);
    for (const { id, streamType, fromOpener } of streams.filter((s) => s.openedBy === "edge->agent")) {
      expect(sent(id).readUInt32BE(0)).toBe(streamType);
      expect(json(sent(id).subarray(4))).toEqual(json(Buffer.from(fromOpener)));
    }
    await play(played, frames.slice(start.length), 1 << 20);
    expect(await results).toMatchObject([
      { status: "fulfilled" },
      { status: "fulfilled" },
      { status: "rejected", reason: { name: "RemoteError" } },
    ]);
    await eventually("the streams are over", () => hasFin(2) && hasFin(4) && hasFin(6));
    edge.session.close("");
  });

  test("ends a proxy stream of a Rust agent with FIN and RST, a heartbeat with RST alone", async () => {
    const played = playEdge(await recordedStreams("js-http"));
    const { edge, agentEnd, sent, frames } = played;
    await play(played, await authFrames(), 1 << 20);
    const header = { bindId: "tn_1", protocol: "http", edgeType: "0", passesTlsThrough: false };
    const visitor = edge.session.openProxy(new ProxyHeaderEncoder(header), "1.1.1.1:1");
    const isAlive = edge.session.isAlive(1_000);
    await eventually("the heartbeat is open", () => sent(4).length === 4);
    edge.clock.advance(100);
    await eventually("it probes", () => sent(4).length === 8);
    agentEnd.write(dataFrame(4, sent(4).subarray(4)));
    expect(await isAlive).toBe(true);
    visitor?.reset(6);
    await eventually("both are reset", () => frames().filter(({ type }) => type === "reset").length === 2);
    const ends = frames().flatMap((f) => {
      if (f.type === "reset") return [`RST ${f.id}`];
      return f.type === "data" && f.fin && f.id % 2 === 0 ? [`FIN ${f.id}`] : [];
    });
    expect(ends.toSorted()).toEqual(["FIN 2", "RST 2", "RST 4"]);
    expect(ends.indexOf("FIN 2")).toBeLessThan(ends.indexOf("RST 2"));
    edge.session.close("");
  });

  test("refuses Auth in the words that agents split into message and code", async () => {
    const { streams, frames } = await connected("js-auth-error");
    const played = playEdge(streams);
    const { edge, sent, hasFin } = played;
    edge.authenticate = () => Promise.reject(new PublicError("ERR_NGROK_107", {}));
    await play(played, frames, 1 << 20);
    await eventually("the refusal is out", () => hasFin(5));
    expect(json(sent(5))).toMatchObject({
      Version: "",
      ClientId: "",
      Error: expect.stringMatching(/^.+\n\nERR_NGROK_107\n$/),
    });
    edge.clock.advance(10_000);
    await eventually("the session is over", () => edge.ends.length === 1);
    expect(edge.ends).toEqual([{ type: "unauthenticated" }]);
  });

  test("serves nothing but Auth, SrvInfo and heartbeats before Auth", async () => {
    const frames = fromAgent(await recordedFrames("js-tcp")).slice(0, 2);
    const { edge, agentEnd, frames: sent } = playEdge([]);
    agentEnd.write(Buffer.concat(frames));
    await eventually("the bind is refused", () => sent().some(({ type }) => type === "reset"));
    await quiet();
    expect(sent().filter(({ type }) => type !== "increment")).toEqual([{ type: "reset", id: 7, code: 5 }]);
    edge.session.close("");
  });

  test("ends with the reason when the agent says goodbye", async () => {
    const frames = await recordedFrames("go-diagnose");
    const { edge, agentEnd } = playEdge([]);
    agentEnd.write(Buffer.concat(frames.filter(({ dir }) => dir === "agent->edge").map(({ bytes }) => bytes)));
    await eventually("the session is over", () => edge.ends.length === 1);
    expect(edge.ends).toEqual([{ type: "goAway", code: 0, message: "no error" }]);
  });
});
