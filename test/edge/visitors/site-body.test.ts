import { describe, expect, test } from "bun:test";
import { array, assert, property, uint8Array } from "fast-check";
import { SiteBody } from "../../../src/edge/visitors/site-body.ts";

const LENGTH = { type: "length", bytes: 1_000 } as const;
const CHUNKED = { type: "chunked" } as const;
const text = (body: SiteBody): string => Buffer.from(body.bytes).toString("latin1");

describe("SiteBody", () => {
  test("is what came, however it was cut", () => {
    assert(
      property(array(uint8Array({ maxLength: 300 }), { maxLength: 20 }), (pieces) => {
        const body = new SiteBody(LENGTH, 6_000);
        expect(pieces.every((piece) => body.receive(piece))).toBe(true);
        expect(Buffer.from(body.bytes).equals(Buffer.concat(pieces))).toBe(true);
      }),
    );
  });

  test("is without its chunks, at every cut", () => {
    const wire = Buffer.from("3;x=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n");
    for (let cut = 0; cut <= wire.length; cut++) {
      const body = new SiteBody(CHUNKED, 5);
      expect([body.receive(wire.subarray(0, cut)), body.receive(wire.subarray(cut))]).toEqual([true, true]);
      expect(text(body)).toBe("abcde");
    }
  });

  test.each([
    ["plain", LENGTH, ["abcd", "e", "f"]],
    ["chunked", CHUNKED, ["4\r\nabcd\r\n", "1\r\ne\r\n", "1\r\nf\r\n"]],
  ] as const)("refuses one byte more than its limit: %s", (_, framing, pieces) => {
    const body = new SiteBody(framing, 5);
    expect(pieces.map((piece) => body.receive(Buffer.from(piece)))).toEqual([true, true, false]);
  });

  test("keeps nothing of a body that is too large", () => {
    const body = new SiteBody(LENGTH, 5);
    body.receive(new Uint8Array(1_000_000));
    expect(body.bytes.buffer.byteLength).toBe(0);
  });
});
