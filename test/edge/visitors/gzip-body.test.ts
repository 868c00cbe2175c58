import { describe, expect, test } from "bun:test";
import { array, assert, property, uint8Array } from "fast-check";
import { gunzipSync } from "node:zlib";
import { GzipBody } from "../../../src/edge/visitors/gzip-body.ts";
import { ChunkedBody } from "../../../src/protocol/http1/chunked-body.ts";

const RUNS = process.env["DEEP"] === "1" ? 5_000 : 100;

/** What a visitor makes of it. */
function inflated(framed: readonly Uint8Array[]): Uint8Array {
  const data: Uint8Array[] = [];
  const body = new ChunkedBody((bytes) => data.push(bytes));
  for (const bytes of framed) body.receive(bytes);
  return gunzipSync(Buffer.concat(data));
}

describe("GzipBody", () => {
  test("GzipBody is one stream of gzip, wherever the body is cut and flushed", () => {
    assert(
      property(array(uint8Array({ maxLength: 300 }), { maxLength: 10 }), (pieces) => {
        const gzip = new GzipBody({ type: "until-close" });
        const framed = pieces.flatMap((piece, index) => {
          gzip.receive(piece);
          return index % 2 === 0 ? [gzip.flush()] : [];
        });
        expect(Buffer.from(inflated([...framed, gzip.end()]))).toEqual(Buffer.concat(pieces));
      }),
      { numRuns: RUNS },
    );
  });

  test("GzipBody takes the chunks off that the upstream made", () => {
    const gzip = new GzipBody({ type: "chunked" });
    for (const part of ["3\r\na", "bc\r", "\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n"]) gzip.receive(Buffer.from(part));
    expect(Buffer.from(inflated([gzip.end()])).toString()).toBe("abcde");
  });

  test("GzipBody holds nothing back, and finds repetitions over flushes", () => {
    const gzip = new GzipBody({ type: "until-close" });
    const text = Buffer.from(Array.from({ length: 500 }, (_, i) => `line ${i * 7919}\n`).join(""));
    gzip.receive(text);
    const first = gzip.flush();
    gzip.receive(text);
    const second = gzip.flush();
    expect(second.length).toBeLessThan(first.length / 10);
    expect(gzip.flush()).toHaveLength(0);
    expect(Buffer.from(inflated([first, second, gzip.end()]))).toEqual(Buffer.concat([text, text]));
  });

  test("GzipBody makes a whole stream of no body", () => {
    expect(inflated([new GzipBody({ type: "length", bytes: 0 }).end()])).toHaveLength(0);
  });
});
