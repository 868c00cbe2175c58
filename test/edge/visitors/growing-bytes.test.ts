import { describe, expect, test } from "bun:test";
import { array, assert, property, uint8Array } from "fast-check";
import { GrowingBytes } from "../../../src/edge/visitors/growing-bytes.ts";

describe("GrowingBytes", () => {
  test("is what was added, in however many pieces, and no larger than twice that", () => {
    assert(
      property(array(uint8Array({ maxLength: 3_000 }), { maxLength: 20 }), (pieces) => {
        const grown = new GrowingBytes(60_000);
        expect(pieces.every((piece) => grown.add(piece))).toBe(true);
        const whole = Buffer.concat(pieces);
        expect(Buffer.from(grown.bytes).equals(whole)).toBe(true);
        expect(grown.bytes.buffer.byteLength).toBeLessThanOrEqual(Math.max(1024, 2 * whole.length));
      }),
    );
  });

  test("takes no byte more than it may, and keeps nothing of what it does not take", () => {
    const grown = new GrowingBytes(5);
    expect([3, 3, 2, 1].map((length) => grown.add(new Uint8Array(length)))).toEqual([true, false, true, false]);
    expect(grown.bytes.buffer.byteLength).toBe(5);
  });
});
