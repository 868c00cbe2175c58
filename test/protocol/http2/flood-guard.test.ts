import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { CONTROL_FRAME_BURST, CONTROL_FRAMES_PER_SECOND, FloodGuard } from "../../../src/protocol/http2/flood-guard.ts";
import { http2Frame as frame, PREFACE } from "../../support/http2-frames.ts";

const PING = frame("ping", 0, 0, new Uint8Array(8));
const many = (count: number, each: Uint8Array): Uint8Array => Buffer.concat(Array.from({ length: count }, () => each));

function begun(): FloodGuard {
  const guard = new FloodGuard();
  guard.receive(PREFACE, 0);
  return guard;
}

describe("FloodGuard", () => {
  test.each([
    ["pings", PING],
    ["settings", frame("settings", 0, 0)],
    ["priorities", frame("priority", 0, 1, new Uint8Array(5))],
    ["empty data", frame("data", 0, 1)],
  ])("lets a burst of %s pass and no more", (_, each) => {
    const guard = begun();
    expect(guard.receive(many(CONTROL_FRAME_BURST, each), 0)).toBe(true);
    expect(guard.receive(each, 0)).toBe(false);
  });

  test.each([
    ["requests", frame("headers", 5, 1, new Uint8Array(20))],
    ["data", frame("data", 0, 1, new Uint8Array(1))],
    ["ends of bodies", frame("data", 1, 1)],
    ["window updates", frame("windowUpdate", 0, 1, new Uint8Array(4))],
  ])("does not count %s", (_, each) => {
    expect(begun().receive(many(3 * CONTROL_FRAME_BURST, each), 0)).toBe(true);
  });

  test("forgives with time, and saves up no more than a burst", () => {
    const guard = begun();
    expect(guard.receive(many(CONTROL_FRAME_BURST, PING), 0)).toBe(true);
    expect(guard.receive(many(CONTROL_FRAMES_PER_SECOND, PING), 1_000)).toBe(true);
    expect(guard.receive(many(CONTROL_FRAME_BURST + 1, PING), 1_000_000)).toBe(false);
  });

  test("knows whether frames have begun, and whether a head is open", () => {
    const guard = new FloodGuard();
    const seen = [
      PREFACE,
      frame("settings", 0, 0),
      frame("headers", 0, 1),
      frame("continuation", 0, 1),
      frame("continuation", 4, 1),
    ];
    const states = seen.map((bytes) => {
      guard.receive(bytes, 0);
      return [guard.hasBegun, guard.isHeadOpen];
    });
    expect(states).toEqual([
      [false, false],
      [true, false],
      [true, true],
      [true, true],
      [true, false],
    ]);
  });

  test("says the same wherever the bytes are cut", () => {
    const bytes = Buffer.concat([
      PREFACE,
      frame("headers", 0, 1, new Uint8Array(300)),
      many(CONTROL_FRAME_BURST, PING),
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const guard = new FloodGuard();
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        for (const [at, from] of places.entries())
          expect(guard.receive(bytes.subarray(from, places[at + 1]), 0)).toBe(true);
        expect([guard.isHeadOpen, guard.receive(PING, 0)]).toEqual([true, false]);
      }),
      { numRuns: 200 },
    );
  });
});
