import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError } from "../../../src/base/errors.ts";
import { encode } from "../../support/frame-bytes.ts";
import { FrameRecorder, framesOf } from "../../support/frame-recorder.ts";
import { SESSION_VECTORS, type Direction } from "../../support/session-vectors.ts";

const RUNS = process.env["DEEP"] === undefined ? 300 : 30_000;
const DIRECTIONS: readonly Direction[] = ["agent->edge", "edge->agent"];
const STREAMS = SESSION_VECTORS.flatMap((vector) =>
  DIRECTIONS.map((direction) => [`${vector.name} ${direction}`, vector.frames(direction)] as const),
);

test.each(STREAMS)("FrameDecoder reads what was recorded, and frames are written the same: %s", (_, frames) => {
  expect(frames.length).toBeGreaterThan(0);
  for (const bytes of frames) {
    const [frame, ...more] = framesOf(bytes);
    expect(more).toEqual([]);
    if (frame === undefined) throw new Error("no frame");
    expect(encode(frame).equals(bytes)).toBe(true);
  }
});

test.each(STREAMS)("FrameDecoder reports the same wherever the bytes are cut: %s", (_, frames) => {
  const bytes = Buffer.concat(frames);
  const whole = framesOf(bytes);
  expect(whole).toHaveLength(frames.length);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const recorder = new FrameRecorder();
    recorder.receive(bytes.subarray(0, cut));
    recorder.receive(bytes.subarray(cut));
    if (!Bun.deepEquals(recorder.frames, whole)) expect(recorder.frames, `cut at ${cut}`).toEqual(whole);
  }
  const single = new FrameRecorder();
  for (const byte of bytes) single.receive(Uint8Array.of(byte));
  expect(single.frames).toEqual(whole);
});

test("FrameDecoder hands on parts of a payload before the frame is complete", () => {
  const recorder = new FrameRecorder();
  const pieces: string[] = [];
  const onPayload = recorder.onPayload.bind(recorder);
  recorder.onPayload = (bytes) => {
    pieces.push(Buffer.from(bytes).toString());
    onPayload(bytes);
  };
  recorder.receive(Buffer.from("0000061000000003616263", "hex"));
  expect([pieces, recorder.frames]).toEqual([["abc"], []]);
  recorder.receive(Buffer.from("646566", "hex"));
  expect(pieces).toEqual(["abc", "def"]);
  expect(recorder.frames).toEqual([{ type: "data", id: 3, payload: Buffer.from("abcdef"), syn: false, fin: false }]);
});

test.each([
  [
    "ignores the top bit of an id",
    "000001138000000361",
    [{ type: "data", id: 3, syn: true, fin: true, payload: Buffer.from("a") }],
  ],
  ["ignores the top bit of an increment", "000004200000000380000005", [{ type: "increment", id: 3, by: 5 }]],
  ["reads all 32 bits of a code", "0000040000000003ffffffff", [{ type: "reset", id: 3, code: 0xffffffff }]],
  [
    "ignores flags it does not know",
    "0000041f0000000361626364",
    [{ type: "data", id: 3, syn: true, fin: true, payload: Buffer.from("abcd") }],
  ],
  [
    "skips a type it does not know, by its length",
    "00000370000000ff6162630000001100000005",
    [{ type: "data", id: 5, syn: false, fin: true, payload: Buffer.from("") }],
  ],
  [
    "reads nothing after a GOAWAY",
    "0000093000000000000000050000000a780000001100000005",
    [{ type: "goAway", lastId: 5, code: 10, message: "x" }],
  ],
])("FrameDecoder %s", (_, hex, expected) => {
  expect<unknown[]>(framesOf(Buffer.from(hex, "hex"))).toEqual(expected);
});

test.each([
  ["DATA without a stream id", "0000001000000000"],
  ["RST without a stream id", "0000040000000000"],
  ["RST of the wrong length", "0000050000000003"],
  ["WNDINC without a stream id", "0000042000000000"],
  ["WNDINC of the wrong length", "0000032000000003"],
  ["GOAWAY that is too short", "0000073000000000"],
])("FrameDecoder refuses %s", (_, hex) => {
  expect(() => framesOf(Buffer.from(hex, "hex"))).toThrow(ProtocolError);
});

test("FrameDecoder keeps the beginning of an endless goodbye, and does not wait for the rest", () => {
  const recorder = new FrameRecorder();
  recorder.receive(Buffer.from("ffffff30000000000000000500000001", "hex"));
  recorder.receive(Buffer.alloc(5000, "x"));
  expect(recorder.frames).toEqual([{ type: "goAway", lastId: 5, code: 1, message: "x".repeat(1024) }]);
});

test("FrameDecoder turns random bytes into frames or a ProtocolError", () => {
  const header = fc
    .tuple(fc.nat(40), fc.nat(255), fc.nat(5))
    .map(([length, type, id]) => [0, 0, length, type, 0, 0, 0, id]);
  const bytes = fc.array(fc.oneof(header, fc.array(fc.nat(255), { maxLength: 40 })), { maxLength: 20 });
  fc.assert(
    fc.property(bytes, fc.nat(10), (parts, cut) => {
      const recorder = new FrameRecorder();
      const all = Uint8Array.from(parts.flat());
      try {
        recorder.receive(all.subarray(0, cut));
        recorder.receive(all.subarray(cut));
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: RUNS },
  );
});
