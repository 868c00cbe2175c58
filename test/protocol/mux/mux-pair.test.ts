/** Two multiplexers back to back: what one says the other hears, whatever happens in between. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError } from "../../../src/base/errors.ts";
import { FrameRecorder } from "../../support/frame-recorder.ts";
import { type HeardStream, MuxEnd } from "../../support/mux-end.ts";
import { patternedBytes } from "../../support/patterned-bytes.ts";

const RUNS = process.env["DEEP"] === undefined ? 30 : 3_000;
const WINDOW = 262_144;

/** One direction of a link: holds what is under way, and checks that nobody sends more than was allowed. */
class Wire {
  readonly #from: MuxEnd;
  readonly #to: MuxEnd;
  readonly #tap = new FrameRecorder();
  readonly #arrived = new FrameRecorder();
  readonly #sentBytes = new Map<number, number>();
  /** Credit that has arrived at the sender, by stream. */
  readonly creditBytes = new Map<number, number>();
  #underWay = Buffer.alloc(0);

  constructor(from: MuxEnd, to: MuxEnd) {
    this.#from = from;
    this.#to = to;
  }

  /** The sender fills a batch. */
  fill(): boolean {
    const batch = new Uint8Array(40_000);
    const count = this.#from.mux.fillBatch(batch);
    this.#underWay = Buffer.concat([this.#underWay, batch.subarray(0, count)]);
    this.#tap.receive(batch.slice(0, count));
    for (const frame of this.#tap.take()) {
      if (frame.type === "reset") expect(frame.code).not.toBe(3);
      if (frame.type !== "data") continue;
      expect(frame.syn && frame.fin).toBe(false);
      const sent = (this.#sentBytes.get(frame.id) ?? 0) + frame.payload.length;
      this.#sentBytes.set(frame.id, sent);
      expect(sent).toBeLessThanOrEqual(WINDOW + (this.creditBytes.get(frame.id) ?? 0));
    }
    return count > 0;
  }

  /** Some of it arrives; `back` is the other direction, which the credit is for. */
  deliver(bytes: number, back: Wire, nowMs: number): boolean {
    const piece = Buffer.from(this.#underWay.subarray(0, bytes));
    this.#underWay = this.#underWay.subarray(piece.length);
    this.#arrived.receive(piece);
    for (const frame of this.#arrived.take()) {
      if (frame.type === "increment") back.creditBytes.set(frame.id, (back.creditBytes.get(frame.id) ?? 0) + frame.by);
    }
    this.#to.mux.receive(piece, nowMs);
    return piece.length > 0;
  }
}

interface Side {
  readonly end: MuxEnd;
  readonly streams: HeardStream[];
  readonly written: Map<number, number>;
  readonly ended: Set<number>;
}

function side(role: "agent" | "edge", peerKeepsCredit: boolean): Side {
  // More than are ever opened: a reset frees a place here before the peer knows of it.
  const end = new MuxEnd(role, { maxStreams: 200 });
  end.mux.peerKeepsCredit = peerKeepsCredit;
  end.mux.roundTripMs = 1;
  const streams: HeardStream[] = [];
  end.onAccepted = (stream) => streams.push(stream);
  return { end, streams, written: new Map(), ended: new Set() };
}

const STEP = fc.record({
  side: fc.nat(1),
  stream: fc.nat(7),
  act: fc.constantFrom(
    "open",
    "write",
    "write",
    "write",
    "end",
    "reset",
    "pause",
    "resume",
    "fill",
    "deliver",
    "deliver",
    "settle",
  ),
  bytes: fc.oneof(fc.nat(20), fc.nat(150_000)),
});

test("Mux carries everything in order, within the windows, and every stream ends", () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(STEP, { minLength: 5, maxLength: 150, size: "max" }), (keepsCredit, steps) => {
      const sides = [side("agent", keepsCredit), side("edge", keepsCredit)] as const;
      const wires = [new Wire(sides[0].end, sides[1].end), new Wire(sides[1].end, sides[0].end)] as const;
      const resets = new Set<number>();
      let nowMs = 0;
      for (const step of steps) {
        nowMs += 0.3;
        const at = step.side === 0 ? 0 : 1;
        const own = sides[at];
        const of = own.streams[step.stream % Math.max(1, own.streams.length)]?.stream;
        switch (step.act) {
          case "open":
            if (own.end.mux.streamsOpen < 4) own.streams.push(own.end.open());
            break;
          case "write":
            if (of === undefined || own.ended.has(of.id)) break;
            of.write(patternedBytes(step.bytes, own.written.get(of.id) ?? 0));
            own.written.set(of.id, (own.written.get(of.id) ?? 0) + step.bytes);
            break;
          case "end":
            if (of === undefined) break;
            of.end();
            own.ended.add(of.id);
            break;
          case "reset":
            if (of === undefined || step.bytes % 3 > 0) break;
            of.reset();
            resets.add(of.id);
            break;
          case "pause":
            of?.pause();
            break;
          case "resume":
            of?.resume();
            break;
          case "fill":
            wires[at].fill();
            break;
          case "deliver":
            wires[at].deliver(step.bytes, wires[1 - at] ?? wires[0], nowMs);
            break;
          case "settle":
            own.end.mux.settle(nowMs);
            break;
          default:
            throw new Error("no such act");
        }
      }
      const rest = (): boolean => {
        nowMs += 0.3;
        for (const { end, streams } of sides) {
          for (const { stream } of streams) stream.resume();
          end.mux.settle(nowMs);
        }
        const filled = [wires[0].fill(), wires[1].fill()];
        const moved = [wires[0].deliver(50_000, wires[1], nowMs), wires[1].deliver(50_000, wires[0], nowMs)];
        return [...filled, ...moved].includes(true) || sides.some(({ end }) => end.mux.hasCalls);
      };
      while (rest());
      // Twice: the first end is what tells the peer of a stream that nothing was written to.
      for (let i = 0; i < 2; i += 1) {
        for (const { streams } of sides) for (const { stream } of streams) stream.end();
        while (rest());
      }

      for (const [at, { end, streams }] of sides.entries()) {
        const peer = sides[1 - at] ?? sides[0];
        for (const { stream, heard } of streams) {
          const written = peer.written.get(stream.id) ?? 0;
          if (!heard.heard.equals(patternedBytes(heard.bytesHeard)))
            throw new Error(`stream ${stream.id} out of order`);
          expect(heard.bytesHeard).toBeLessThanOrEqual(written);
          if (!resets.has(stream.id)) expect([heard.bytesHeard, heard.cause]).toEqual([written, undefined]);
          expect(heard.events.filter((event) => event === "close")).toHaveLength(1);
          expect(heard.events.at(-1)).toBe("close");
        }
        expect([end.mux.streamsOpen, end.mux.queuedBytes, end.mux.hasOutput, end.faults]).toEqual([0, 0, false, []]);
      }
    }),
    { numRuns: RUNS },
  );
});

test("Mux turns random bytes into calls or a ProtocolError", () => {
  const header = fc
    .tuple(fc.nat(40), fc.constantFrom(0x00, 0x10, 0x11, 0x12, 0x13, 0x20, 0x30, 0x70), fc.nat(6))
    .map(([length, type, id]) => [0, 0, length, type, 0, 0, 0, id]);
  const bytes = fc.array(fc.oneof(header, fc.array(fc.nat(255), { maxLength: 40 })), { maxLength: 30 });
  fc.assert(
    fc.property(bytes, fc.constantFrom("agent", "edge"), (parts, role) => {
      const end = new MuxEnd(role, { maxStreams: 4 });
      for (let i = 0; i < 2; i += 1) end.open().stream.write(Buffer.from("x"));
      end.output();
      try {
        for (const part of parts) end.mux.receive(Uint8Array.from(part), 0);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
      expect(end.mux.streamsOpen).toBeLessThanOrEqual(4);
      expect(end.faults).toEqual([]);
    }),
    { numRuns: RUNS * 10 },
  );
});
