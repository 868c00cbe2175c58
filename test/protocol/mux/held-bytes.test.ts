/** What all streams of a session together make us hold, at whatever order things happen. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { HeldBytes, MAX_UNREAD_BYTES } from "../../../src/protocol/mux/held-bytes.ts";
import { HEADER_BYTES, writeDataHeader } from "../../../src/protocol/mux/frame.ts";
import { dataFrame, incrementFrame, resetFrame } from "../../support/frame-bytes.ts";
import type { Frame } from "../../support/frame-recorder.ts";
import { type HeardStream, MuxEnd } from "../../support/mux-end.ts";

const RUNS = process.env["DEEP"] === undefined ? 60 : 1_000;
const CALM = 10;
const WINDOW = 262_144;
const PIECE = new Uint8Array(32_768);

interface Stood {
  readonly name: string;
  readonly movedAtMs: number;
  bytes: number;
  reset(code: number): void;
}

/** Of streams that moved at such times and hold so much, with room for 800, those that are reset, in their order. */
function whoGoes(streams: readonly (readonly [movedAtMs: number, bytes: number])[]): readonly number[] {
  const gone: number[] = [];
  const held = new HeldBytes<Stood>(800, (stream) => stream.bytes);
  const stood = streams.map(([movedAtMs, bytes], at) => {
    const stream: Stood = {
      name: `s${at}`,
      movedAtMs,
      bytes,
      reset: (code) => {
        expect(code).toBe(CALM);
        held.change(-stream.bytes);
        stream.bytes = 0;
        gone.push(at);
      },
    };
    return stream;
  });
  const fits = stood.map(({ bytes }) => held.change(bytes));
  expect(fits.at(-1)).toBe(held.bytes <= 800);
  held.makeRoom(stood);
  return gone;
}

test.each<[string, readonly (readonly [number, number])[], readonly number[]]>([
  ["the one that stands longest", [[5, 300], [2, 300], [9, 300]], [1]], // prettier-ignore
  ["the first of those that stand equally long", [[1, 300], [1, 300], [1, 300]], [0]], // prettier-ignore
  ["as many as an eighth takes", [[3, 300], [1, 180], [2, 500]], [1, 2]], // prettier-ignore
  ["none that holds little", [[0, 1], [0, 2], [7, 400], [6, 400]], [3]], // prettier-ignore
  ["none that holds nothing", [[0, 0], [7, 801]], [1]], // prettier-ignore
  ["nobody while there is room", [[0, 100], [0, 600]], []], // prettier-ignore
])("HeldBytes.makeRoom resets %s", (_, streams, gone) => {
  expect(whoGoes(streams)).toEqual([...gone]);
});

describe("Mux, holding too much,", () => {
  const visitors = (end: MuxEnd, count: number): HeardStream[] => {
    const opened = Array.from({ length: count }, () => end.open());
    for (const { stream } of opened) stream.write(Buffer.from("x"));
    end.output();
    return opened;
  };
  /** In pieces that all streams share, so that this process does not hold what it counts. */
  const fill = (end: MuxEnd, id: number, bytes: number): void => {
    const header = new Uint8Array(HEADER_BYTES);
    writeDataHeader(header, 0, PIECE.length, 0, id);
    for (let left = bytes; left > 0; left -= PIECE.length) {
      end.receive(header);
      end.mux.receive(PIECE, 0);
    }
  };
  const resets = (frames: readonly Frame[]): readonly (readonly [number, number])[] =>
    frames.flatMap((frame) => (frame.type === "reset" ? [[frame.id, frame.code] as const] : []));

  test("keeps a thousand streams that nobody reads, and the session", () => {
    const end = new MuxEnd("edge", { maxStreams: 1_100 });
    const stuck = visitors(end, 1_000);
    for (const { stream, heard } of stuck) {
      heard.onBytes = () => stream.pause();
      fill(end, stream.id, WINDOW);
    }
    expect(resets(end.sent())).toEqual([]);
    expect(end.mux.unreadBytes).toBe(1_000 * WINDOW);
    for (const { stream } of stuck) stream.reset();
    expect(end.mux.unreadBytes).toBe(0);
  });

  test("lets go of those that stand longest, in time for the next, and serves the others", () => {
    const end = new MuxEnd("edge", { maxStreams: 3_000 });
    const reader = end.open();
    reader.stream.write(Buffer.from("x"));
    for (const { stream } of visitors(end, 2_000)) {
      stream.pause();
      fill(end, stream.id, WINDOW);
      end.receive(dataFrame(reader.stream.id, "y"));
      expect(end.mux.unreadBytes).toBeLessThanOrEqual(MAX_UNREAD_BYTES);
    }
    const cut = resets(end.sent());
    expect(cut.length).toBeGreaterThan(400);
    expect(new Set(cut.map(([, code]) => code))).toEqual(new Set([CALM]));
    expect(cut.map(([id]) => id)).toEqual(cut.map((_, at) => reader.stream.id + 2 * (at + 1)));
    expect(reader.heard.bytesHeard).toBe(2_000);
    expect(end.goAways).toEqual([]);
  });

  test("tells the listener of a stream that it lets go of, also of one whose peer has ended", () => {
    const end = new MuxEnd("edge", { maxUnreadBytes: 50_000 });
    const [going, ended] = visitors(end, 2);
    if (going === undefined || ended === undefined) throw new Error("none");
    for (const { stream } of [going, ended]) stream.pause();
    ended.stream.end();
    end.receive(dataFrame(ended.stream.id, PIECE, "fin"));
    end.output();
    end.mux.receive(dataFrame(going.stream.id, PIECE), 1);
    end.mux.settle(1);
    expect(ended.heard.cause).toEqual({ code: "RESET", resetCode: CALM });
    expect([ended.heard.events, going.heard.events]).toEqual([["close"], []]);
    expect([end.mux.streamsOpen, end.mux.unreadBytes]).toEqual([1, PIECE.length]);
  });

  test("lets go of those whose peer takes nothing", () => {
    const end = new MuxEnd("agent", { maxUnsentBytes: 1_100_000 });
    const stuck = visitors(end, 4);
    const moving = stuck[0];
    if (moving === undefined) throw new Error("none");
    for (const { stream } of stuck) {
      stream.write(new Uint8Array(WINDOW + 200_000));
      end.output();
    }
    end.mux.receive(incrementFrame(moving.stream.id, 100_000), 5);
    end.output();
    expect(end.mux.queuedBytes).toBe(700_004);
    const late = end.open();
    late.stream.write(new Uint8Array(400_000));
    expect(resets(end.sent())).toEqual([[stuck[1]?.stream.id ?? 0, CALM]]);
    end.mux.settle(5);
    expect(stuck.map(({ heard }) => heard.cause)).toEqual([
      undefined,
      { code: "RESET", resetCode: CALM },
      undefined,
      undefined,
    ]);
  });

  test("keeps what waits in the buffer that it came in only while little does", () => {
    const end = new MuxEnd("edge", { maxUnreadBytes: 8 * PIECE.length });
    const [only] = visitors(end, 1);
    if (only === undefined) throw new Error("none");
    const shares: boolean[] = [];
    only.stream.pause();
    const read = dataFrame(only.stream.id, PIECE);
    only.heard.onBytes = ({ buffer }) => shares.push(buffer === read.buffer);
    for (let time = 0; time < 3; time += 1) end.mux.receive(read, 0);
    only.stream.resume();
    end.mux.settle(0);
    expect(shares).toEqual([true, true, false]);
  });

  test("counts nothing of a stream that has closed while its listener held back", () => {
    const end = new MuxEnd("edge");
    const [only] = visitors(end, 1);
    if (only === undefined) throw new Error("none");
    only.heard.onBytes = () => only.stream.pause();
    end.receive(dataFrame(only.stream.id, PIECE, "fin"));
    expect(end.mux.unreadBytes).toBe(PIECE.length);
    end.receive(resetFrame(only.stream.id, 7));
    expect(only.heard.events).toEqual(["data", "end", "close"]);
    expect(end.mux.unreadBytes).toBe(0);
  });

  const STEP = fc.record({
    stream: fc.nat(7),
    act: fc.constantFrom(
      "data",
      "data",
      "data",
      "data",
      "fin",
      "peerReset",
      "credit",
      "write",
      "end",
      "reset",
      "pause",
      "pauseNext",
      "resume",
      "output",
    ),
    bytes: fc.oneof(fc.nat(20), fc.nat(120_000)),
  });

  test("counts what waits, never more than it may be, whatever the order", () => {
    fc.assert(
      fc.property(fc.array(STEP, { minLength: 10, maxLength: 200, size: "max" }), (steps) => {
        const limits = { maxUnreadBytes: 200_000, maxUnsentBytes: 200_000 };
        const end = new MuxEnd("edge", limits);
        const all = visitors(end, 8).map(({ stream, heard }) => ({
          stream,
          heard,
          received: 0,
          handed: 0,
          isPaused: false,
          pausesNext: false,
          isWhole: false,
        }));
        for (const of of all) {
          of.heard.onBytes = ({ length }) => {
            if (!of.pausesNext) return;
            of.stream.pause();
            [of.pausesNext, of.isPaused, of.handed] = [false, true, length];
          };
        }
        const resume = (of: (typeof all)[number]): void => {
          [of.pausesNext, of.isPaused, of.handed] = [false, false, 0];
          of.stream.resume();
        };
        const look = (nowMs: number): void => {
          while (end.mux.hasCalls) end.mux.settle(nowMs);
          const open = all.filter(({ heard }) => !heard.isClosed);
          const unread = open.reduce((sum, of) => sum + of.received - of.heard.bytesHeard + of.handed, 0);
          expect(end.mux.unreadBytes).toBe(unread);
          expect(end.mux.unreadBytes).toBeLessThanOrEqual(limits.maxUnreadBytes);
          expect(end.mux.queuedBytes).toBeGreaterThanOrEqual(0);
          expect(end.mux.queuedBytes).toBeLessThanOrEqual(limits.maxUnsentBytes);
        };
        for (const [nowMs, { stream: at, act, bytes }] of steps.entries()) {
          const of = all[at];
          if (of === undefined) continue;
          const { id } = of.stream;
          switch (act) {
            case "data":
              if (!of.isWhole) of.received += bytes;
              end.mux.receive(dataFrame(id, new Uint8Array(bytes)), nowMs);
              break;
            case "fin":
              of.isWhole = true;
              end.mux.receive(dataFrame(id, "", "fin"), nowMs);
              break;
            case "peerReset":
              end.mux.receive(resetFrame(id, 7), nowMs);
              break;
            case "credit":
              end.mux.receive(incrementFrame(id, bytes + 1), nowMs);
              break;
            case "write":
              of.stream.write(new Uint8Array(bytes));
              break;
            case "end":
              of.stream.end();
              break;
            case "reset":
              if (bytes % 4 === 0) of.stream.reset();
              break;
            case "pause":
              of.stream.pause();
              of.isPaused = true;
              break;
            case "pauseNext":
              of.pausesNext = !of.isPaused;
              break;
            case "resume":
              resume(of);
              break;
            case "output":
              end.output();
              break;
            default:
              act satisfies never;
          }
          look(nowMs);
        }
        for (const of of all) resume(of);
        look(steps.length);
        for (const { stream } of all) stream.reset();
        while (end.mux.hasCalls) end.mux.settle(steps.length);
        expect([end.mux.unreadBytes, end.mux.queuedBytes, end.mux.streamsOpen]).toEqual([0, 0, 0]);
        expect([end.faults, end.goAways]).toEqual([[], []]);
      }),
      { numRuns: RUNS },
    );
  });
});
