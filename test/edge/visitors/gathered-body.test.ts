import { describe, expect, test } from "bun:test";
import { array, assert, integer, property } from "fast-check";
import { SharedRoom } from "../../../src/edge/shared-room.ts";
import {
  BODY_GRACE_MS,
  BODY_MS,
  type BodyFault,
  GatheredBody,
  MIN_BODY_BYTES_PER_SECOND,
} from "../../../src/edge/visitors/gathered-body.ts";
import type { Framing } from "../../../src/protocol/http1/framing.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const VISITOR = "192.0.2.7";
const CHUNKED = { type: "chunked" } as const;
const length = (bytes: number): Framing => ({ type: "length", bytes });
const octets = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

interface Scene {
  readonly body: GatheredBody;
  readonly clock: ManualClock;
  readonly room: SharedRoom;
  readonly faults: readonly BodyFault[];
  /** What nobody has taken of the visitor's share. */
  readonly free: () => number;
}

const SHARE_BYTES = 10_000_000;

function scene(framing: Framing, limitBytes: number, shareBytes = SHARE_BYTES): Scene {
  const clock = new ManualClock();
  const room = new SharedRoom({ totalBytes: 2 * shareBytes, addressBytes: shareBytes });
  const faults: BodyFault[] = [];
  const onFault = (fault: BodyFault): void => void faults.push(fault);
  const body = new GatheredBody({ framing, limitBytes, visitorIp: VISITOR, room, clock, onFault });
  const free = (): number => {
    let bytes = 0;
    for (let step = 2 ** 24; step >= 1; step /= 2) if (room.take(VISITOR, step)) bytes += step;
    room.give(VISITOR, bytes);
    return bytes;
  };
  return { body, clock, room, faults, free };
}

describe("GatheredBody", () => {
  test("is what came and, without its chunks, what was meant, wherever it is cut", () => {
    const wire = "3;x=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n";
    assert(
      property(array(integer({ min: 0, max: wire.length }), { maxLength: 5 }), (cuts) => {
        const { body, faults } = scene(CHUNKED, 5);
        const at = [0, ...cuts.toSorted((a, b) => a - b), wire.length];
        expect(body.begin()).toBe(true);
        for (let i = 1; i < at.length; i++) body.receive(octets(wire.slice(at[i - 1], at[i])));
        body.complete();
        expect([text(body.framed), text(body.data), faults]).toEqual([wire, "abcde", []]);
      }),
    );
  });

  test("keeps no hold of the buffers in which it came", () => {
    const { body } = scene(length(4), 4);
    const piece = Buffer.from("ab");
    body.receive(piece);
    piece.fill("x");
    body.receive(octets("cd"));
    expect([text(body.framed), text(body.data)]).toEqual(["abcd", "abcd"]);
  });

  test.each([
    ["plain", length(1_000), ["abcd", "e", "f"]],
    ["chunked", CHUNKED, ["4\r\nabcd\r\n", "1\r\ne\r\n", "1\r\nf\r\n"]],
    ["in chunks that have more framing than content", CHUNKED, ["1;" + "x".repeat(1_000), "x".repeat(40), ""]],
  ] as const)("is dropped with one byte more than its limit: %s", (_, framing, pieces) => {
    const { body, faults, free } = scene(framing, 5);
    for (const piece of pieces) body.receive(octets(piece));
    expect(faults).toEqual([{ type: "tooLarge", limitBytes: 5 }]);
    expect([body.framed.buffer.byteLength, free()]).toEqual([0, SHARE_BYTES]);
  });

  test("is not begun when its length is told and too large", () => {
    const { body, faults, clock } = scene(length(6), 5);
    expect(body.begin()).toBe(false);
    expect(faults).toEqual([{ type: "tooLarge", limitBytes: 5 }]);
    expect(clock.pending).toBe(0);
  });

  test("is dropped when there is no room for it, and others have theirs", () => {
    const { body, faults, room, free, clock } = scene(length(1_000), 1_000, 500);
    body.begin();
    body.receive(new Uint8Array(500));
    body.receive(new Uint8Array(1));
    expect(faults).toEqual([{ type: "noRoom" }]);
    expect([free(), clock.pending]).toEqual([500, 0]);
    expect(room.take("192.0.2.8", 500)).toBe(true);
  });

  test("that nothing comes of is dropped after its grace", () => {
    const { body, faults, clock, free } = scene(length(1_000), 1_000);
    body.begin();
    body.receive(new Uint8Array(1));
    clock.advance(BODY_GRACE_MS);
    expect(faults).toEqual([]);
    clock.advance(1_000);
    expect(faults).toEqual([{ type: "tooSlow", seconds: 10 }]);
    expect([free(), clock.pending]).toEqual([SHARE_BYTES, 0]);
  });

  test("is waited for as long as it comes at the least rate, and in all no longer than its time", () => {
    const { body, faults, clock } = scene(length(SHARE_BYTES), SHARE_BYTES);
    body.begin();
    for (let seconds = 1; seconds < BODY_MS / 1000; seconds++) {
      body.receive(new Uint8Array(MIN_BODY_BYTES_PER_SECOND));
      clock.advance(1_000);
      expect(faults).toEqual([]);
    }
    clock.advance(1_000);
    expect(faults).toEqual([{ type: "tooSlow", seconds: 60 }]);
  });

  test("has no deadline any more once it is whole, and its room until it is dropped", () => {
    const { body, faults, clock, free } = scene(length(4), 4);
    body.begin();
    body.receive(octets("abcd"));
    body.complete();
    expect([clock.pending, free()]).toEqual([0, SHARE_BYTES - 4]);
    body.drop();
    body.drop();
    body.receive(octets("more"));
    expect([body.framed.length, free(), faults]).toEqual([0, SHARE_BYTES, []]);
  });
});
