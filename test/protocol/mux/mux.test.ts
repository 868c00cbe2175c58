import { describe, expect, test } from "bun:test";
import { ProtocolError } from "../../../src/base/errors.ts";
import { dataFrame, incrementFrame, resetFrame } from "../../support/frame-bytes.ts";
import { type Frame, framesOf } from "../../support/frame-recorder.ts";
import { MuxEnd } from "../../support/mux-end.ts";
import { patternedBytes } from "../../support/patterned-bytes.ts";

const WINDOW = 262_144;
const RESET = (id: number, code: number): Frame => ({ type: "reset", id, code });

function idsOf(frames: readonly Frame[]): number[] {
  return frames.flatMap((frame) => (frame.type === "data" ? [frame.id] : []));
}

/** Payload sizes of the DATA frames of a stream. */
function sizes(frames: readonly Frame[], id: number): number[] {
  return frames.flatMap((frame) => (frame.type === "data" && frame.id === id ? [frame.payload.length] : []));
}

describe("Mux, sending,", () => {
  test("puts everything written so far into the frame that opens a stream", () => {
    const agent = new MuxEnd("agent");
    const { stream } = agent.open();
    expect(agent.mux.hasOutput).toBe(false);
    for (const part of ["type", "header", "first bytes"]) stream.write(Buffer.from(part));
    expect(agent.sent()).toEqual([
      { type: "data", id: 3, payload: Buffer.from("typeheaderfirst bytes"), syn: true, fin: false },
    ]);
  });

  test("never cuts the frame that opens a stream because a batch is nearly full", () => {
    const edge = new MuxEnd("edge");
    for (let i = 0; i < 30; i += 1) edge.open().stream.write(patternedBytes(15_000));
    const batch = new Uint8Array(100_000);
    const count = edge.mux.fillBatch(batch);
    expect(count).toBe(6 * 15_008);
    expect(edge.sent().map((frame) => frame.type === "data" && frame.syn && frame.payload.length)).toEqual(
      Array.from({ length: 24 }, () => 15_000),
    );
  });

  test("opens ids of its own parity", () => {
    const edge = new MuxEnd("edge");
    expect([edge.open().stream.id, edge.open().stream.id, new MuxEnd("agent").open().stream.id]).toEqual([2, 4, 3]);
  });

  test("skips an id that the peer took, which is not its own to take", () => {
    const edge = new MuxEnd("edge");
    edge.receive(dataFrame(2, "x", "syn"));
    expect([edge.accepted[0]?.heard.text, edge.open().stream.id]).toEqual(["x", 4]);
  });

  test("never puts SYN and FIN on one frame", () => {
    const edge = new MuxEnd("edge");
    const [whole, empty] = [edge.open(), edge.open()];
    whole.stream.write(Buffer.from("x"));
    whole.stream.end();
    empty.stream.end();
    const frames = edge.sent();
    expect(frames.filter(({ type }) => type === "data")).toHaveLength(4);
    expect(frames.filter((frame) => frame.type === "data" && frame.syn && frame.fin)).toEqual([]);
    expect(frames.slice(2)).toEqual(
      [2, 4].map((id) => ({ type: "data", id, payload: Buffer.alloc(0), syn: false, fin: true })),
    );
  });

  test("lets FIN ride on the last payload", () => {
    const edge = new MuxEnd("edge");
    const { stream } = edge.open();
    stream.write(Buffer.from("a"));
    edge.output();
    stream.write(patternedBytes(40_000));
    stream.end();
    expect(edge.sent().map((frame) => frame.type === "data" && [frame.payload.length, frame.fin])).toEqual([
      [32_768, false],
      [7_232, true],
    ]);
  });

  test("sends to the byte what the peer allows", () => {
    const edge = new MuxEnd("edge");
    const { stream } = edge.open();
    stream.write(patternedBytes(300_000));
    const total = (frames: readonly Frame[]): number => sizes(frames, 2).reduce((sum, size) => sum + size, 0);
    expect(total(edge.sent())).toBe(WINDOW);
    expect(edge.mux.hasOutput).toBe(false);
    edge.receive(incrementFrame(2, 1));
    expect(total(edge.sent())).toBe(1);
    edge.receive(incrementFrame(2, 0), incrementFrame(2, 1_000_000));
    expect(total(edge.sent())).toBe(300_000 - WINDOW - 1);
    expect(edge.mux.queuedBytes).toBe(0);
  });

  test("needs no credit for a FIN", () => {
    const edge = new MuxEnd("edge");
    const { stream } = edge.open();
    stream.write(patternedBytes(WINDOW));
    stream.end();
    expect(edge.sent().at(-1)).toMatchObject({ type: "data", fin: true });
  });

  test("says stop at 256 KiB and calls back at half of it", () => {
    const edge = new MuxEnd("edge");
    const { stream, heard } = edge.open();
    expect([stream.write(patternedBytes(262_143)), stream.write(patternedBytes(1))]).toEqual([true, false]);
    const batch = new Uint8Array(4 * 32_776);
    edge.mux.fillBatch(batch);
    edge.mux.settle(0);
    expect(heard.drains).toBe(1);
    edge.output();
    edge.mux.settle(0);
    expect(heard.drains).toBe(1);
  });

  test("serves streams with much to say in turn, a frame each", () => {
    const edge = new MuxEnd("edge");
    for (const bytes of [100_000, 60_000]) edge.open().stream.write(patternedBytes(bytes));
    expect(idsOf(edge.sent())).toEqual([2, 4, 2, 4, 2, 2]);
    edge.open().stream.write(patternedBytes(60_000));
    edge.open().stream.write(patternedBytes(60_000));
    expect(idsOf(edge.sent())).toEqual([6, 8, 6, 8]);
  });

  test.each([
    [16_384, [6, 2, 4, 2, 4]],
    [16_385, [2, 4, 6, 2, 4]],
  ])("serves a stream with %d bytes to say in the order of %j", (bytes, order) => {
    const edge = new MuxEnd("edge");
    for (const queued of [50_000, 50_000, bytes]) edge.open().stream.write(patternedBytes(queued));
    expect(idsOf(edge.sent())).toEqual(order);
  });

  test("serves a stream with much to say also while others say little again and again", () => {
    const edge = new MuxEnd("edge");
    const streams = Array.from({ length: 5 }, () => edge.open().stream);
    edge.receive(...streams.map(({ id }) => incrementFrame(id, 10_000_000)));
    const [bulk, ...short] = streams;
    bulk?.write(patternedBytes(3_000_000));
    const batch = new Uint8Array(32_776);
    const ids: number[] = [];
    let served = short.map(({ id }) => id);
    for (let turn = 0; turn < 40; turn += 1) {
      for (const stream of short) if (served.includes(stream.id)) stream.write(patternedBytes(16_000));
      served = idsOf(framesOf(batch.slice(0, edge.mux.fillBatch(batch))));
      ids.push(...served);
    }
    expect(ids.filter((id) => id === bulk?.id).length).toBeGreaterThanOrEqual(ids.length / 10);
  });

  test("sends frames of a heartbeat first", () => {
    const edge = new MuxEnd("edge");
    edge.open().stream.write(patternedBytes(100_000));
    const beat = edge.open();
    beat.stream.write(Buffer.from("beat"));
    beat.stream.sendFirst();
    expect(edge.sent()[0]).toMatchObject({ id: 4 });
  });

  test("gathers small frames of many streams in one batch", () => {
    const edge = new MuxEnd("edge", { maxStreams: 1000 });
    for (let i = 0; i < 1000; i += 1) edge.open().stream.write(patternedBytes(64));
    expect(edge.mux.fillBatch(new Uint8Array(128 * 1024))).toBe(1000 * 72);
  });

  test("refuses a target that the largest frame does not fit into", () => {
    expect(() => new MuxEnd("edge").mux.fillBatch(new Uint8Array(32_775))).toThrow(RangeError);
  });

  test("asks for work once, when output appears", () => {
    const edge = new MuxEnd("edge");
    const [a, b] = [edge.open(), edge.open()];
    edge.mux.settle(0);
    edge.works = 0;
    for (const { stream } of [a, b, a]) stream.write(Buffer.from("x"));
    expect(edge.works).toBe(1);
    edge.mux.settle(0);
    a.stream.write(Buffer.from("still waiting for the link"));
    expect(edge.works).toBe(1);
    edge.output();
    b.stream.write(Buffer.from("y"));
    expect(edge.works).toBe(2);
  });

  test("asks for work again for what a call brings about", () => {
    const edge = new MuxEnd("edge");
    edge.onAccepted = ({ stream }) => stream.pause();
    edge.receive(dataFrame(3, patternedBytes(100_000), "syn"));
    edge.accepted[0]?.stream.resume();
    edge.mux.settle(0);
    expect(edge.sent()).toHaveLength(1);
    edge.works = 0;
    edge.receive(dataFrame(3, patternedBytes(100_000)));
    expect(edge.works).toBe(1);
  });

  test("opens no more streams than allowed, both openers together", () => {
    const edge = new MuxEnd("edge", { maxStreams: 2 });
    edge.receive(dataFrame(3, "", "syn"));
    const { stream } = edge.open();
    expect(edge.mux.open()).toBeUndefined();
    stream.reset();
    expect(edge.mux.streamsOpen).toBe(1);
    expect(edge.mux.open()?.id).toBe(4);
  });
});

describe("Mux, receiving,", () => {
  test("returns credit for what a listener consumed, in steps", () => {
    const edge = new MuxEnd("edge");
    edge.receive(dataFrame(3, patternedBytes(65_535), "syn"));
    expect(edge.sent()).toEqual([]);
    edge.receive(dataFrame(3, "x"), dataFrame(5, patternedBytes(100_000), "syn"));
    expect(edge.sent()).toEqual([
      { type: "increment", id: 3, by: 65_536 },
      { type: "increment", id: 5, by: 100_000 },
    ]);
  });

  test("answers each frame of a peer that waits for acknowledgements", () => {
    const edge = new MuxEnd("edge");
    edge.mux.answersEachFrame = true;
    const { stream } = edge.open();
    stream.write(Buffer.from("x"));
    edge.output();
    edge.receive(incrementFrame(2, 1));
    expect(edge.sent()).toEqual([{ type: "increment", id: 2, by: 1 }]);
    edge.receive(dataFrame(2, "ab"));
    expect(edge.sent()).toEqual([{ type: "increment", id: 2, by: 2 }]);
    stream.write(Buffer.from("y"));
    edge.receive(incrementFrame(2, 1));
    expect(edge.sent()).toMatchObject([{ type: "data", id: 2 }]);
  });

  test.each([
    ["less, once another stream says little", ["small talk"], 187_856],
    ["everything while a heartbeat is all that is heard beside", ["heartbeat"], 974_288],
    ["everything while all that is short is of the stream itself", [], 974_293],
    ["everything to a peer that throws away what it gets above its first window", ["small talk", "clamps"], 974_288],
  ])("returns %s", (_, circumstances, credit) => {
    const edge = new MuxEnd("edge");
    edge.mux.peerKeepsCredit = !circumstances.includes("clamps");
    edge.mux.roundTripMs = 0.3;
    const beside = edge.open().stream;
    if (circumstances.includes("heartbeat")) beside.sendFirst();
    // Makes a window of 512 KiB. What the listener leaves for later then makes one of 1 MiB.
    edge.receive(dataFrame(3, patternedBytes(200_000), "syn"));
    edge.output();
    edge.accepted[0]?.stream.pause();
    edge.receive(dataFrame(3, patternedBytes(450_000)));
    edge.receive(dataFrame(circumstances.length > 0 ? beside.id : 3, "short"));
    edge.accepted[0]?.stream.resume();
    edge.mux.settle(0);
    expect(edge.sent()).toEqual([{ type: "increment", id: 3, by: credit }]);
  });

  test.each([
    ["at once", 999, 974_288],
    ["a second later", 1000, 187_856],
  ])("takes a stream that got much for one that says little: %s", (_, atMs, credit) => {
    const edge = new MuxEnd("edge");
    edge.mux.peerKeepsCredit = true;
    edge.mux.roundTripMs = 0.3;
    edge.receive(dataFrame(3, patternedBytes(200_000), "syn"), dataFrame(5, patternedBytes(200_000), "syn"));
    edge.output();
    edge.accepted[0]?.stream.pause();
    edge.receive(dataFrame(3, patternedBytes(450_000)));
    edge.mux.receive(dataFrame(5, "short"), atMs);
    edge.accepted[0]?.stream.resume();
    edge.mux.settle(atMs);
    expect(edge.sent()).toEqual([{ type: "increment", id: 3, by: credit }]);
  });

  test("returns no credit for what a paused listener has not consumed", () => {
    const edge = new MuxEnd("edge");
    edge.onAccepted = ({ stream }) => stream.pause();
    edge.receive(dataFrame(3, patternedBytes(WINDOW), "syn"));
    expect([edge.sent(), edge.accepted[0]?.heard.bytesHeard]).toEqual([[], 0]);
    edge.accepted[0]?.stream.resume();
    edge.mux.settle(0);
    expect([edge.sent(), edge.accepted[0]?.heard.heard.equals(patternedBytes(WINDOW))]).toEqual([
      [{ type: "increment", id: 3, by: WINDOW }],
      true,
    ]);
  });

  test("hands on bytes of an unfinished frame", () => {
    const edge = new MuxEnd("edge");
    edge.receive(dataFrame(3, "hello", "syn").subarray(0, 10));
    expect(edge.accepted[0]?.heard.text).toBe("he");
  });

  test("never waits for a paused stream", () => {
    const edge = new MuxEnd("edge");
    edge.onAccepted = ({ stream }) => stream.id === 3 && stream.pause();
    edge.receive(dataFrame(3, patternedBytes(1000), "syn"), dataFrame(5, "through", "syn"), dataFrame(3, "x", "fin"));
    expect(edge.accepted.map(({ heard }) => heard.text)).toEqual(["", "through"]);
    expect(edge.accepted[0]?.heard.events).toEqual([]);
  });

  test("tells the end of a direction after its bytes, and closes when both have ended", () => {
    const edge = new MuxEnd("edge");
    edge.receive(dataFrame(3, "x", "syn"), dataFrame(3, "y", "fin"));
    const [first] = edge.accepted;
    expect(first?.heard.events).toEqual(["data", "end"]);
    first?.stream.write(Buffer.from("answer"));
    first?.stream.end();
    expect(first?.heard.isClosed).toBe(false);
    edge.output();
    edge.mux.settle(0);
    expect([first?.heard.events, first?.heard.cause, edge.mux.streamsOpen]).toEqual([
      ["data", "end", "close"],
      undefined,
      0,
    ]);
  });

  test("counts a stream until its listener has heard everything", () => {
    const edge = new MuxEnd("edge", { maxStreams: 1 });
    edge.onAccepted = ({ stream }) => {
      stream.pause();
      stream.end();
    };
    edge.receive(dataFrame(3, "unread", "syn"), dataFrame(3, "", "fin"));
    edge.output();
    edge.receive(resetFrame(3, 7), dataFrame(3, "again", "syn"), dataFrame(5, "", "syn"));
    expect([edge.mux.streamsOpen, edge.sent()]).toEqual([1, [RESET(3, 5), RESET(5, 5)]]);
    edge.accepted[0]?.stream.resume();
    edge.mux.settle(0);
    expect([edge.mux.streamsOpen, edge.accepted[0]?.heard.text]).toEqual([0, "unread"]);
    expect(edge.accepted[0]?.heard.cause).toBeUndefined();
  });

  test.each<[string, Buffer[], Frame[]]>([
    [
      "refuses streams beyond the limit",
      [...[3, 5, 7].map((id) => dataFrame(id, "x", "syn")), dataFrame(7, "y")],
      [RESET(7, 5)],
    ],
    [
      "answers payload for an unknown stream, once",
      [dataFrame(9, "x"), dataFrame(9, "y"), dataFrame(9, "", "fin")],
      [RESET(9, 4)],
    ],
    ["ignores the rest for an unknown stream", [dataFrame(9, "", "fin"), resetFrame(9, 7), incrementFrame(9, 5)], []],
    [
      "resets a stream that exceeds its window",
      [dataFrame(3, patternedBytes(WINDOW + 1), "syn"), dataFrame(3, "x")],
      [RESET(3, 3)],
    ],
    [
      "resets a stream that goes on after its end",
      [dataFrame(3, "", "syn"), dataFrame(3, "", "fin"), dataFrame(3, "x")],
      [RESET(3, 4)],
    ],
    ["lets a second FIN pass", [dataFrame(3, "", "syn+fin"), dataFrame(3, "", "fin")], []],
    [
      "never answers a reset",
      [dataFrame(3, "x", "syn"), resetFrame(3, 6), dataFrame(3, "", "fin"), resetFrame(3, 6)],
      [],
    ],
  ])("%s", (_, frames, expected) => {
    const edge = new MuxEnd("edge", { maxStreams: 2 });
    edge.onAccepted = ({ stream }) => stream.pause();
    edge.receive(...frames);
    expect(edge.sent()).toEqual(expected);
  });

  test("throws a ProtocolError when a live stream is opened a second time", () => {
    const edge = new MuxEnd("edge");
    edge.receive(dataFrame(3, "x", "syn"));
    expect(() => edge.receive(dataFrame(3, "y", "syn"))).toThrow(ProtocolError);
  });

  test("accepts an id again after its stream has ended", () => {
    const edge = new MuxEnd("edge");
    edge.receive(dataFrame(3, "one", "syn"), resetFrame(3, 7), dataFrame(5, "", "syn"));
    edge.accepted[1]?.stream.reset();
    edge.mux.settle(0);
    edge.receive(dataFrame(3, "two", "syn"), dataFrame(5, "late"), dataFrame(5, "three", "syn"));
    expect(edge.accepted.map(({ heard }) => heard.text)).toEqual(["one", "", "two", "three"]);
  });

  test("cuts off a peer that provokes resets and does not read them", () => {
    const edge = new MuxEnd("edge", { maxStreams: 1 });
    edge.receive(dataFrame(3, "", "syn"));
    const provoke = (): void => {
      for (let id = 5; id < 40_005; id += 2) edge.receive(dataFrame(id, "", "syn"));
    };
    expect(provoke).toThrow(ProtocolError);
    edge.output();
    expect(() => edge.receive(dataFrame(50_001, "", "syn"))).not.toThrow();
  });

  test("cuts off a peer whose streams are reset as fast as it opens them and that does not read", () => {
    const edge = new MuxEnd("edge");
    edge.onAccepted = ({ stream }) => stream.reset();
    const provoke = (): void => {
      for (let id = 3; id < 40_003; id += 2) edge.receive(dataFrame(id, "", "syn"));
    };
    expect(provoke).toThrow(ProtocolError);
  });

  test("holds a flood of one-byte frames in little more than its bytes", () => {
    const edge = new MuxEnd("edge");
    edge.onAccepted = ({ stream }) => stream.pause();
    edge.receive(dataFrame(3, "", "syn"));
    const flood = Buffer.concat(Array.from({ length: 50_000 }, () => dataFrame(3, "x")));
    edge.receive(flood);
    let chunks = 0;
    edge.accepted[0]?.stream.listen({ onData: () => (chunks += 1), onDrain: noop, onEnd: noop, onClose: noop });
    edge.accepted[0]?.stream.resume();
    edge.mux.settle(0);
    expect(chunks).toBeLessThan(60);
  });

  test("resets the stream of a listener that throws, and goes on with the others", () => {
    const edge = new MuxEnd("edge");
    const fault = new Error("a fault of ours");
    edge.onAccepted = ({ stream, heard }) => {
      if (stream.id === 3) throw fault;
      if (stream.id !== 5) return;
      heard.onBytes = () => {
        throw fault;
      };
    };
    edge.receive(dataFrame(3, "x", "syn"), dataFrame(5, "x", "syn"), dataFrame(7, "fine", "syn"));
    expect(edge.faults).toEqual([fault, fault]);
    expect(edge.sent()).toEqual([RESET(3, 2), RESET(5, 2)]);
    expect(edge.accepted[2]?.heard.text).toBe("fine");
  });
});

describe("Mux, resetting,", () => {
  test("sends RST in place of what is queued, and remembers the id for what is under way", () => {
    const edge = new MuxEnd("edge");
    const { stream, heard } = edge.open();
    stream.write(Buffer.from("x"));
    edge.output();
    stream.write(patternedBytes(100_000));
    stream.reset(6);
    expect([edge.sent(), edge.mux.queuedBytes]).toEqual([[RESET(2, 6)], 0]);
    edge.receive(dataFrame(2, "late"), dataFrame(2, "", "fin"));
    expect([edge.sent(), heard.events, heard.cause]).toEqual([[], ["close"], { code: "RESET", resetCode: 6 }]);
  });

  test("says nothing of a stream that the peer has not heard of", () => {
    const edge = new MuxEnd("edge");
    const { stream, heard } = edge.open();
    stream.write(Buffer.from("x"));
    stream.reset();
    edge.mux.settle(0);
    expect([edge.sent(), heard.isClosed, edge.mux.streamsOpen]).toEqual([[], true, 0]);
  });

  test("sends an empty FIN before, toward agents that need it", () => {
    const edge = new MuxEnd("edge");
    edge.mux.finBeforeReset = true;
    const [open, ended] = [edge.open(), edge.open()];
    for (const { stream } of [open, ended]) stream.write(Buffer.from("x"));
    ended.stream.end();
    edge.output();
    for (const { stream } of [open, ended]) stream.reset(6);
    expect(edge.sent()).toEqual([
      { type: "data", id: 2, payload: Buffer.alloc(0), syn: false, fin: true },
      RESET(2, 6),
      RESET(4, 6),
    ]);
  });

  test("closes at once when the peer resets, with its code", () => {
    const edge = new MuxEnd("edge");
    edge.onAccepted = ({ stream }) => stream.pause();
    edge.receive(dataFrame(3, "unread", "syn"), resetFrame(3, 0x676e0001));
    const [first] = edge.accepted;
    expect([first?.heard.events, first?.heard.cause]).toEqual([["close"], { code: "RESET", resetCode: 0x676e0001 }]);
    expect([first?.stream.write(Buffer.from("x")), edge.sent(), edge.mux.streamsOpen]).toEqual([false, [], 0]);
  });

  test("hands on what was whole before the peer reset, or the session ended", () => {
    const edge = new MuxEnd("edge");
    edge.onAccepted = ({ stream }) => stream.pause();
    edge.receive(dataFrame(3, "whole", "syn+fin"), dataFrame(5, "whole", "syn+fin"), dataFrame(7, "part", "syn"));
    edge.receive(resetFrame(3, 4));
    edge.mux.end({ code: "SESSION_ENDED" });
    edge.mux.settle(0);
    expect(edge.accepted.map(({ heard }) => heard.events)).toEqual([[], [], ["close"]]);
    for (const { stream } of edge.accepted) stream.resume();
    edge.mux.settle(0);
    expect(edge.accepted.map(({ heard }) => [heard.text, heard.events.at(-2), heard.cause?.code])).toEqual([
      ["whole", "end", "RESET"],
      ["whole", "end", "SESSION_ENDED"],
      ["", undefined, "SESSION_ENDED"],
    ]);
  });

  test.each<[string, (edge: MuxEnd) => void, string]>([
    ["the peer reset it", (edge) => edge.receive(resetFrame(3, 4)), "RESET"],
    ["the session ended", (edge) => edge.mux.end({ code: "SESSION_ENDED" }), "SESSION_ENDED"],
  ])("drops what was whole, and closes, when the listener resets after %s", (_, fail, code) => {
    const edge = new MuxEnd("edge");
    edge.onAccepted = ({ stream }) => stream.pause();
    edge.receive(dataFrame(3, "whole", "syn+fin"));
    fail(edge);
    const [first] = edge.accepted;
    first?.stream.reset();
    edge.mux.settle(0);
    expect([first?.heard.events, first?.heard.cause?.code, edge.mux.streamsOpen]).toEqual([["close"], code, 0]);
    expect(edge.sent()).toEqual([]);
  });

  test("leaves alone a stream that has ended in order when the session ends", () => {
    const edge = new MuxEnd("edge");
    edge.onAccepted = ({ stream }) => stream.pause();
    edge.receive(dataFrame(3, "whole", "syn+fin"));
    edge.accepted[0]?.stream.end();
    edge.output();
    edge.mux.end({ code: "SESSION_ENDED" });
    edge.accepted[0]?.stream.resume();
    edge.mux.settle(0);
    expect([edge.accepted[0]?.heard.text, edge.accepted[0]?.heard.isClosed]).toEqual(["whole", true]);
    expect(edge.accepted[0]?.heard.cause).toBeUndefined();
  });
});

describe("Mux, saying goodbye,", () => {
  test("sends what is queued first, and then nothing more", () => {
    const edge = new MuxEnd("edge");
    edge.receive(dataFrame(7, "x", "syn"));
    const { stream } = edge.open();
    stream.write(patternedBytes(300_000));
    edge.mux.goAway(0, "no error");
    expect([stream.write(Buffer.from("late")), edge.mux.open()]).toEqual([false, undefined]);
    const frames = edge.sent();
    expect(sizes(frames, 2).reduce((sum, size) => sum + size, 0)).toBe(WINDOW);
    expect(frames.at(-1)).toEqual({ type: "goAway", lastId: 7, code: 0, message: "no error" });
    edge.receive(incrementFrame(2, 100_000), dataFrame(9, "x", "syn"));
    expect([edge.sent(), edge.mux.isOver, edge.accepted]).toEqual([[], true, edge.accepted.slice(0, 1)]);
  });

  test("does not wait when there was an error", () => {
    const edge = new MuxEnd("edge");
    edge.open().stream.write(patternedBytes(1000));
    edge.mux.goAway(1, "x".repeat(1000));
    expect(edge.sent()).toEqual([{ type: "goAway", lastId: 0, code: 1, message: "x".repeat(256) }]);
  });

  test("hears the goodbye of the peer and reads nothing after it", () => {
    const edge = new MuxEnd("edge");
    const agent = new MuxEnd("agent");
    agent.mux.goAway(0, "bye");
    edge.receive(agent.output(), dataFrame(3, "x", "syn"));
    edge.receive(dataFrame(3, "x", "syn"));
    expect([edge.goAways, edge.accepted]).toEqual([[[0, "bye"]], []]);
  });

  test("closes every stream when the session ends", () => {
    const edge = new MuxEnd("edge");
    edge.receive(dataFrame(3, "x", "syn"));
    const { stream, heard } = edge.open();
    stream.write(Buffer.from("x"));
    edge.mux.end({ code: "SESSION_ENDED", message: "gone" });
    expect(heard.isClosed).toBe(false);
    edge.mux.settle(0);
    for (const each of [heard, edge.accepted[0]?.heard]) {
      expect([each?.events.at(-1), each?.cause]).toEqual(["close", { code: "SESSION_ENDED", message: "gone" }]);
    }
    expect([edge.mux.streamsOpen, edge.mux.queuedBytes, edge.mux.hasOutput]).toEqual([0, 0, false]);
  });
});

function noop(): void {}
