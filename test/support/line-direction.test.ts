import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { LineDirection, type LineTraits } from "./line-direction.ts";
import { patternedBytes } from "./patterned-bytes.ts";

/** 10 ms each way, one byte per microsecond. */
const TRAITS: LineTraits = { roundTripMs: 20, bytesPerSecond: 1_000_000, bufferBytes: 5_000 };

const bytes = (length: number) => ({ type: "bytes", bytes: patternedBytes(length) }) as const;

test("LineDirection lets bytes out after half the round trip and the time that their rate takes", () => {
  const line = new LineDirection(TRAITS, 0);
  line.send(bytes(1_000), 100);
  line.send(bytes(2_000), 100);
  expect(line.nextArrivalMs).toBe(111);
  expect(line.take(110.9)).toBeUndefined();
  expect(line.take(111)).toEqual(bytes(1_000));
  expect(line.nextArrivalMs).toBe(113);
});

test("LineDirection keeps what comes before it opens", () => {
  const line = new LineDirection(TRAITS, 50);
  line.send(bytes(1_000), 0);
  expect(line.nextArrivalMs).toBe(61);
});

test("LineDirection has no room while its buffer and its length are full", () => {
  const line = new LineDirection(TRAITS, 0);
  line.send(bytes(14_999), 0);
  expect(line.hasRoom).toBe(true);
  line.send(bytes(1), 0);
  expect(line.hasRoom).toBe(false);
  line.take(1_000);
  expect(line.hasRoom).toBe(true);
});

test("LineDirection lets ends and resets out behind the bytes", () => {
  const line = new LineDirection(TRAITS, 0);
  line.send(bytes(5_000), 0);
  line.send({ type: "end" }, 0);
  line.send({ type: "reset" }, 3);
  expect(line.take(15)).toEqual(bytes(5_000));
  expect(line.take(15)).toEqual({ type: "end" });
  expect(line.take(15)).toEqual({ type: "reset" });
  expect([line.take(15), line.nextArrivalMs]).toEqual([undefined, undefined]);
});

test("LineDirection keeps the order, loses nothing and is never faster than its rate", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 100_000 })), { maxLength: 20 }),
      (sendings) => {
        const line = new LineDirection(TRAITS, 0);
        let [nowMs, sent] = [0, 0];
        for (const [pauseMs, length] of sendings) {
          nowMs += pauseMs;
          line.send({ type: "bytes", bytes: patternedBytes(length, sent) }, nowMs);
          sent += length;
        }
        const out: Uint8Array[] = [];
        let taken = 0;
        for (let atMs = line.nextArrivalMs; atMs !== undefined; atMs = line.nextArrivalMs) {
          const parcel = line.take(atMs);
          if (parcel?.type !== "bytes") throw new Error("expected bytes");
          out.push(parcel.bytes);
          taken += parcel.bytes.length;
          expect(taken / 1_000).toBeLessThanOrEqual(atMs - 10 + 0.001);
        }
        expect(Buffer.concat(out).equals(patternedBytes(sent))).toBe(true);
      },
    ),
    { numRuns: process.env["DEEP"] === "1" ? 2_000 : 50 },
  );
});
