import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { BeatReader, type HeartbeatCommand, HeartbeatProber } from "../../../src/protocol/rpc/heartbeat-machine.ts";

const TIMING = { intervalMs: 5000, toleranceMs: 3000 };
const RUNS = { numRuns: process.env["DEEP"] === "1" ? 20_000 : 300 };

function beatOf(commands: readonly HeartbeatCommand[]): Uint8Array {
  const [command] = commands;
  if (command?.type !== "probe") throw new Error(`expected a probe, got ${JSON.stringify(commands)}`);
  return command.beat;
}

describe("HeartbeatProber", () => {
  test("probes at the start, measures the echo and probes again an interval later", () => {
    const prober = new HeartbeatProber(TIMING, 7);
    expect(prober.wakeAtMs).toBe(Number.POSITIVE_INFINITY);
    const beat = beatOf(prober.handle({ type: "start" }, 100));
    expect(prober.wakeAtMs).toBe(3100);
    expect(prober.handle({ type: "received", bytes: beat }, 140)).toEqual([{ type: "measured", roundTripMs: 40 }]);
    expect(prober.wakeAtMs).toBe(5140);
    expect(prober.handle({ type: "wake" }, 5139)).toEqual([]);
    expect(beatOf(prober.handle({ type: "wake" }, 5140))).not.toEqual(beat);
    expect(prober.wakeAtMs).toBe(8140);
  });

  test("calls the peer dead once when no echo comes in interval and tolerance", () => {
    const prober = new HeartbeatProber(TIMING, 0);
    const beat = beatOf(prober.handle({ type: "start" }, 0));
    prober.handle({ type: "received", bytes: beat }, 0);
    prober.handle({ type: "wake" }, 5000);
    expect(prober.handle({ type: "wake" }, 7999)).toEqual([]);
    expect(prober.handle({ type: "wake" }, 8000)).toEqual([{ type: "dead" }]);
    expect(prober.wakeAtMs).toBe(Number.POSITIVE_INFINITY);
    expect(prober.handle({ type: "wake" }, 90_000)).toEqual([]);
  });

  test("gives the peer its whole tolerance since anything was heard of it", () => {
    const prober = new HeartbeatProber(TIMING, 0);
    const beat = beatOf(prober.handle({ type: "start" }, 0));
    expect(prober.handle({ type: "heard" }, 2000)).toEqual([]);
    expect(prober.handle({ type: "wake" }, 3000)).toEqual([]);
    expect(prober.wakeAtMs).toBe(5000);
    expect(prober.handle({ type: "received", bytes: beat }, 4500)).toEqual([{ type: "measured", roundTripMs: 4500 }]);
    prober.handle({ type: "wake" }, 9500);
    expect(prober.handle({ type: "wake" }, 12_499)).toEqual([]);
    expect(prober.handle({ type: "wake" }, 12_500)).toEqual([{ type: "dead" }]);
  });

  test("gives the peer its whole tolerance when the probe was late", () => {
    const prober = new HeartbeatProber(TIMING, 0);
    prober.handle({ type: "received", bytes: beatOf(prober.handle({ type: "start" }, 0)) }, 0);
    beatOf(prober.handle({ type: "wake" }, 60_000));
    expect(prober.wakeAtMs).toBe(63_000);
  });

  test("blames nobody for a time in which it has stood still itself", () => {
    const prober = new HeartbeatProber(TIMING, 0);
    prober.handle({ type: "start" }, 0);
    expect(prober.handle({ type: "wake" }, 60_000)).toEqual([]);
    expect(prober.wakeAtMs).toBe(63_000);
    expect(prober.handle({ type: "wake" }, 63_000)).toEqual([{ type: "dead" }]);
  });

  test("gives a silent peer no more than one tolerance anew, however often it stands still itself", () => {
    const prober = new HeartbeatProber(TIMING, 0);
    prober.handle({ type: "start" }, 0);
    expect(prober.handle({ type: "wake" }, 60_000)).toEqual([]);
    expect(prober.handle({ type: "wake" }, 120_000)).toEqual([{ type: "dead" }]);
  });

  test("gives a peer that was heard of meanwhile its tolerance anew each time that it stands still itself", () => {
    const prober = new HeartbeatProber(TIMING, 0);
    prober.handle({ type: "start" }, 0);
    for (const nowMs of [60_000, 120_000]) {
      expect(prober.handle({ type: "wake" }, nowMs)).toEqual([]);
      expect(prober.wakeAtMs).toBe(nowMs + 3_000);
      prober.handle({ type: "heard" }, nowMs + 1);
    }
  });

  test("takes an echo cut anywhere, ignores a wrong one and one that comes twice", () => {
    const prober = new HeartbeatProber(TIMING, 0xff_ff_ff_ff);
    const beat = beatOf(prober.handle({ type: "start" }, 0));
    expect(beat).toEqual(Uint8Array.of(0, 0, 0, 0));
    expect(prober.handle({ type: "received", bytes: Uint8Array.of(9, 9, 9, 9, 0) }, 1)).toEqual([]);
    expect(prober.handle({ type: "received", bytes: beat.subarray(0, 2) }, 2)).toEqual([]);
    expect(prober.handle({ type: "received", bytes: Uint8Array.of(0, 0, 0, 0, 0) }, 3)).toEqual([
      { type: "measured", roundTripMs: 3 },
    ]);
  });

  test("keeps one probe outstanding whatever happens when", () => {
    const step = fc.record({ waitMs: fc.nat(10_000), echoes: fc.boolean(), noise: fc.uint8Array({ maxLength: 9 }) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const prober = new HeartbeatProber(TIMING, 1000);
        let outstanding: Uint8Array | undefined = beatOf(prober.handle({ type: "start" }, 0));
        let nowMs = 0;
        for (const { waitMs, echoes, noise } of steps) {
          nowMs += waitMs;
          const event = echoes && outstanding ? outstanding : noise;
          const commands = [
            ...prober.handle({ type: "received", bytes: event }, nowMs),
            ...prober.handle({ type: "wake" }, nowMs),
          ];
          for (const command of commands) {
            if (command.type === "measured") outstanding = undefined;
            if (command.type !== "probe") continue;
            expect(outstanding).toBeUndefined();
            outstanding = command.beat;
          }
        }
        expect(prober.wakeAtMs).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });
});

describe("BeatReader", () => {
  test("gives each beat once wherever the bytes are cut", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new BeatReader();
      const beats = [...reader.receive(bytes.subarray(0, cut)), ...reader.receive(bytes.subarray(cut))];
      expect(beats).toEqual([Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6, 7, 8)]);
    }
  });
});
