/** Sessions whose peer writes frames that no agent or edge would write. */
import { describe, expect, test } from "bun:test";
import { pipe } from "../../src/net/pipe.ts";
import { answer, hear } from "../../src/net/rpc-answer.ts";
import { SRV_INFO, UNBIND } from "../../src/protocol/rpc/agent-calls.ts";
import { STOP, STOP_TUNNEL } from "../../src/protocol/rpc/edge-commands.ts";
import { dataFrame, incrementFrame, resetFrame } from "../support/frame-bytes.ts";
import { type Frame, framesOf } from "../support/frame-recorder.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { PlayedAgent, PlayedEdge } from "../support/session-pair.ts";
import { eventually, quiet } from "../support/turns.ts";

const AUTH_TYPE = "\0\0\0\0";
const HEARTBEAT_TYPE = "\xff\xff\xff\xff";

interface Hostile<Side> {
  readonly side: Side;
  readonly send: (...frames: Buffer[]) => void;
  /** What our side sent, without credit. */
  readonly frames: () => Frame[];
  /** The reply on a stream. */
  readonly reply: (id: number) => string;
  readonly resets: () => readonly (readonly [id: number, code: number])[];
}

function against<Side>(makeSide: (end: ReturnType<typeof pipe>[0]) => Side): Hostile<Side> {
  const [ours, theirs] = pipe();
  const heard = new RecordingListener(theirs);
  const frames = (): Frame[] => framesOf(heard.heard).filter(({ type }) => type !== "increment");
  return {
    side: makeSide(ours),
    send: (...sent) => theirs.write(Buffer.concat(sent)),
    frames,
    reply: (id) =>
      Buffer.concat(frames().flatMap((f) => (f.type === "data" && f.id === id ? [f.payload] : []))).toString("latin1"),
    resets: () => frames().flatMap((frame) => (frame.type === "reset" ? [[frame.id, frame.code] as const] : [])),
  };
}

const edge = (): Hostile<PlayedEdge> =>
  against((end) => new PlayedEdge(end, [answer(SRV_INFO, async () => ({ region: "eu" }))]));
const agent = (): Hostile<PlayedAgent> =>
  against((end) => new PlayedAgent(end, [answer(STOP, async () => ({})), hear(STOP_TUNNEL, () => {})]));

function latin(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

describe("EdgeSession", () => {
  test.each([
    ["no object", "[]", "JSON object"],
    ["no JSON", "{]", "not JSON"],
    ["text that is not UTF-8", '{"\xff":1}', "not JSON in UTF-8"],
    ["nesting without end", `{"a":${"[".repeat(10_000)}`, "nest"],
    ["a wrong type", '{"Version":"3"}', "versions"],
    ["a wrong type inside", '{"Extra":{"HeartbeatInterval":"x"}}', "heartbeatIntervalMs"],
  ])("answers an Auth with %s with an error, and lives on", async (_, message, reason) => {
    const { side, send, reply, frames } = edge();
    send(dataFrame(3, latin(AUTH_TYPE + message), "syn"));
    await eventually("it is refused", () => frames().some((frame) => frame.type === "data" && frame.fin));
    expect(JSON.parse(reply(3))).toMatchObject({ Version: "", ClientId: "", Error: expect.stringContaining(reason) });
    send(dataFrame(5, latin("\0\0\0\x08{}"), "syn"));
    await eventually("SrvInfo is answered", () => reply(5) === '{"Region":"eu"}');
    expect([side.faults, side.ends, side.authRequests]).toEqual([[], [], []]);
  });

  test("takes four calls before Auth and refuses the others", async () => {
    const { side, send, resets, reply } = edge();
    const ids = [3, 5, 7, 9, 11, 13];
    send(...ids.map((id) => dataFrame(id, latin("\0\0\0\x08{}"), "syn")));
    await eventually("the others are refused", () => resets().length === 2);
    expect(resets().map(([id]) => id)).toEqual([11, 13]);
    expect(ids.slice(0, 4).map(reply)).toEqual(Array.from({ length: 4 }, () => '{"Region":"eu"}'));
    expect([side.faults, side.ends]).toEqual([[], []]);
  });

  test("answers a message of more than 1 MiB with an error and lets go of it", async () => {
    const { side, send, reply, frames } = edge();
    send(dataFrame(3, latin(`${AUTH_TYPE}{"a":"`), "syn"));
    for (let sent = 0; sent < 1_100_000 && reply(3) === ""; sent += 16_384) {
      send(dataFrame(3, latin("x".repeat(16_384))));
      await quiet();
    }
    await eventually("it is refused", () => reply(3) !== "");
    expect(reply(3)).toContain("bytes at most");
    expect(frames().some((frame) => frame.type === "reset")).toBe(false);
    expect(side.ends).toEqual([]);
  });

  test.each([
    ["an unknown type", latin("\0\0\0\x0b{}")],
    ["a proxy stream, which is an edge's", latin("\0\0\0\x03")],
    ["a command, which is an edge's", latin("\0\0\0\x05{}")],
    ["HTTP", latin("GET / HTTP/1.1\r\n")],
  ])("refuses a stream of %s with RST 5", async (_, payload) => {
    const { send, resets } = edge();
    send(dataFrame(3, payload, "syn"));
    await eventually("it is refused", () => resets().length > 0);
    expect(resets()).toEqual([[3, 5]]);
  });

  test.each([
    ["its type", latin("\0\0")],
    ["its request", latin(`${AUTH_TYPE}{"Version":`)],
    ["anything", latin("")],
  ])("resets a stream that ends without %s", async (_, payload) => {
    const { send, resets } = edge();
    send(dataFrame(3, payload, "syn"), dataFrame(3, "", "fin"));
    await eventually("it is reset", () => resets().length > 0);
    expect(resets()).toEqual([[3, 1]]);
  });

  test.each([
    ["for its type", latin("\0\0")],
    ["for its request", latin("\0\0\0\x08{")],
    ["for its end, behind the reply", latin("\0\0\0\x08{}")],
  ])("resets a stream that lets us wait %s", async (_, payload) => {
    const { side, send, resets, reply } = edge();
    // An agent that may be silent for longer than the test lasts.
    send(
      dataFrame(3, latin(`${AUTH_TYPE}{"Extra":{"HeartbeatInterval":300000000000}}`), "syn"),
      dataFrame(3, "", "fin"),
    );
    await eventually("the agent is in", () => reply(3) !== "");
    send(dataFrame(5, payload, "syn"));
    await quiet();
    side.clock.advance(29_000);
    await quiet();
    expect(resets()).toEqual([]);
    side.clock.advance(4_000);
    await eventually("it is reset", () => resets().length > 0);
    expect(resets()).toEqual([[5, 6]]);
    expect(side.ends).toEqual([]);
  });

  test("bounds the calls that it works on, also when the peer resets their streams", async () => {
    let working = 0;
    const gate = Promise.withResolvers<void>();
    const unbind = answer(UNBIND, async () => {
      working += 1;
      await gate.promise;
      working -= 1;
      return {};
    });
    const { side, send, resets, reply } = against((end) => new PlayedEdge(end, [unbind]));
    send(dataFrame(3, latin(`${AUTH_TYPE}{}`), "syn"), dataFrame(3, "", "fin"));
    await eventually("the agent is in", () => reply(3) !== "");
    for (let id = 5; id < 5 + 2 * 200; id += 2) {
      send(dataFrame(id, latin("\0\0\0\x02{}"), "syn"));
      await quiet();
      send(resetFrame(id, 7));
    }
    await quiet();
    expect([working, resets().length]).toEqual([128, 72]);
    gate.resolve();
    await eventually("the work is done", () => working === 0);
    send(dataFrame(405, latin("\0\0\0\x02{}"), "syn"), dataFrame(405, "", "fin"));
    await eventually("there is room again", () => reply(405) !== "");
    expect([side.faults, side.ends]).toEqual([[], []]);
  });

  test("keeps an agent whose beats wait behind other bytes, and drops it when these stop", async () => {
    const { side, send, reply } = edge();
    send(
      dataFrame(
        3,
        latin(`${AUTH_TYPE}{"Extra":{"HeartbeatInterval":5000000000,"HeartbeatTolerance":5000000000}}`),
        "syn",
      ),
    );
    await eventually("the agent is in", () => reply(3) !== "");
    for (let second = 0; second < 60; second += 5) {
      side.clock.advance(5_000);
      send(incrementFrame(99, 1));
      await quiet();
    }
    expect(side.ends).toEqual([]);
    side.clock.advance(14_000);
    await eventually("the session is over", () => side.ends.length === 1);
    expect(side.ends).toEqual([{ type: "silent" }]);
  });

  test.each([
    ["takes an agent for alive whose answer waits behind other bytes", [incrementFrame(99, 1)], true, []],
    ["ends the session of an agent that says nothing when it is asked", [], false, [{ type: "silent" }]],
  ] as const)("%s", async (_, frames, isAlive, ends) => {
    const { side, send, reply } = edge();
    send(dataFrame(3, latin(`${AUTH_TYPE}{}`), "syn"), dataFrame(3, "", "fin"));
    await eventually("the agent is in", () => reply(3) !== "");
    const asked = side.session.isAlive(2_000);
    await quiet();
    send(...frames);
    await quiet();
    side.clock.advance(3_000);
    expect(await asked).toBe(isAlive);
    await quiet();
    expect(side.ends).toEqual([...ends]);
  });

  test("keeps the session of an agent that only was asked whether it answers", async () => {
    const { side, send, reply } = edge();
    send(dataFrame(3, latin(`${AUTH_TYPE}{}`), "syn"), dataFrame(3, "", "fin"));
    await eventually("the agent is in", () => reply(3) !== "");
    const heardBefore = side.session.bytesHeard;
    const asked = side.session.answersWithin(2_000);
    await quiet();
    side.clock.advance(3_000);
    expect([await asked, side.session.bytesHeard]).toEqual([false, heardBefore]);
    await quiet();
    expect(side.ends).toEqual([]);
    send(incrementFrame(99, 1));
    await eventually("it is heard of", () => side.session.bytesHeard > heardBefore);
  });

  test("bounds the streams that have no type, and the heartbeats", async () => {
    const { side, send, resets } = edge();
    for (let id = 3; id < 3 + 2 * 1030; id += 2) send(dataFrame(id, latin("\0"), "syn"));
    await eventually("some are refused", () => resets().length === 6);
    send(...[1, 2, 3].map((byte) => dataFrame(3, Buffer.of(byte))));
    await quiet();
    expect(
      resets()
        .slice(0, 6)
        .map(([, code]) => code),
    ).toEqual([5, 5, 5, 5, 5, 5]);
    expect(side.ends).toEqual([]);

    const other = edge();
    for (let id = 3; id < 15; id += 2) other.send(dataFrame(id, latin(`${HEARTBEAT_TYPE}beat`), "syn"));
    await eventually("two are refused", () => other.resets().length === 2);
    expect([3, 5, 7, 9].map((id) => other.reply(id))).toEqual(["beat", "beat", "beat", "beat"]);
  });
});

describe("AgentSession", () => {
  test.each([
    ["a header that is no JSON", Buffer.concat([latin("\0\0\0\x03\x02\0\0\0\0\0\0\0"), latin("{]")]), 1],
    ["a header that is too long", latin("\0\0\0\x03\xff\xff\xff\0\0\0\0\0"), 1],
    ["an unknown type", latin("\0\0\0\x63"), 5],
    ["a call of agents", latin("\0\0\0\x01{}"), 5],
  ])("resets a stream with %s", async (_, payload, code) => {
    const { side, send, resets } = agent();
    send(dataFrame(2, payload, "syn"));
    await eventually("it is reset", () => resets().length > 0);
    expect(resets()).toEqual([[2, code]]);
    expect([side.proxies, side.faults, side.ends]).toEqual([[], [], []]);
    side.session.close("");
  });

  test("takes a proxy header that comes byte by byte", async () => {
    const { side, send } = agent();
    const json = '{"Id":"tn_1","ClientAddr":"1.1.1.1:1","Proto":"tcp","EdgeType":"0","PassthroughTLS":true}';
    const bytes = Buffer.concat([
      latin("\0\0\0\x03"),
      Buffer.of(json.length, 0, 0, 0, 0, 0, 0, 0),
      latin(`${json}hello`),
    ]);
    send(dataFrame(2, "", "syn"), ...[...bytes].map((byte) => dataFrame(2, Buffer.of(byte))));
    await eventually("the visitor came", () => side.proxies[0]?.heard.text === "hello");
    expect(side.proxies[0]?.header).toMatchObject({ bindId: "tn_1", passesTlsThrough: true });
    side.session.close("");
  });

  test("fails its own calls, and lives on, when the peer has taken all streams", async () => {
    const { side, send } = agent();
    const json = '{"Id":"tn_1","ClientAddr":"1.1.1.1:1","Proto":"tcp","EdgeType":"0","PassthroughTLS":true}';
    const header = Buffer.concat([latin("\0\0\0\x03"), Buffer.of(json.length, 0, 0, 0, 0, 0, 0, 0), latin(json)]);
    for (let id = 2; side.session.streamsOpen < 65_536; id += 2) {
      send(dataFrame(id, header, "syn"));
      if (id % 2_000 === 0) await quiet();
    }
    expect(side.session.isOpen).toBe(true);
    const failure = await side.session.call(UNBIND, { bindId: "x" }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "SessionError", reason: "no stream" });
    side.session.close("");
  });

  test("resets a proxy stream that ends within its header", async () => {
    const { side, send, resets } = agent();
    send(dataFrame(2, latin("\0\0\0\x03\x20"), "syn"), dataFrame(2, "", "fin"));
    await eventually("it is reset", () => resets().length > 0);
    expect(resets()).toEqual([[2, 1]]);
    side.session.close("");
  });

  test("resets a proxy stream whose header does not come", async () => {
    const { side, send, resets, reply } = agent();
    send(dataFrame(2, latin("\0\0\0\x03\x20"), "syn"));
    for (let echoed = 4, second = 0; second < 34; second++) {
      await quiet();
      const beats = latin(reply(3)).subarray(echoed);
      if (beats.length > 0) send(dataFrame(3, beats));
      echoed += beats.length;
      await quiet();
      expect(second < 30 ? resets() : []).toEqual([]);
      side.clock.advance(1_000);
    }
    await eventually("it is reset", () => resets().length > 0);
    expect(resets()).toEqual([[2, 6]]);
    expect(side.ends).toEqual([]);
    side.session.close("");
  });

  test("answers a notice that cannot be read with nothing but an end", async () => {
    const { side, send, frames } = agent();
    send(dataFrame(2, latin("\0\0\0\x09[]"), "syn"), dataFrame(4, latin('\0\0\0\x09{"Id":1}'), "syn"));
    const ended = (id: number): boolean =>
      frames().some((f) => f.type === "data" && f.id === id && f.fin && f.payload.length === 0);
    await eventually("both are ended", () => ended(2) && ended(4));
    expect([side.faults, side.ends]).toEqual([[], []]);
    side.session.close("");
  });

  test("keeps an edge whose echoes wait behind other bytes, and gives up when these stop", async () => {
    const { side, send } = agent();
    for (let second = 0; second < 60; second += 4) {
      side.clock.advance(4_000);
      send(incrementFrame(99, 1));
      await quiet();
    }
    expect(side.ends).toEqual([]);
    side.clock.advance(4_999);
    await quiet();
    expect(side.ends).toEqual([]);
    side.clock.advance(1);
    await eventually("the session is over", () => side.ends.length === 1);
    expect(side.ends).toEqual([{ type: "silent" }]);
  });

  test("gives up when its heartbeat stream is reset", async () => {
    const { side, send } = agent();
    await quiet();
    send(resetFrame(3, 5));
    await eventually("the session is over", () => side.ends.length === 1);
    expect(side.ends).toEqual([{ type: "silent" }]);
  });
});
