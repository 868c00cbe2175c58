import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { ChunkedBody } from "../../../src/protocol/http1/chunked-body.ts";
import { ChunkedScanner } from "../../../src/protocol/http1/chunked-scanner.ts";
import { writeChunk, writeLastChunk } from "../../../src/protocol/http1/chunked-writer.ts";

test("writeChunk writes nothing for nothing, which would end the body", () => {
  expect(writeChunk(new Uint8Array(0)).length).toBe(0);
});

test("writeChunk and writeLastChunk write what readers take for the same data and trailers, wherever it is cut", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
  const trailers = fc.array(fc.tuple(fc.constantFrom("grpc-status", "x"), fc.constantFrom("", "0", "a b")), {
    maxLength: 3,
  });
  fc.assert(
    fc.property(pieces, trailers, fc.integer({ min: 1, max: 9 }), (data, fields, step) => {
      const written = Buffer.concat([...data.map(writeChunk), writeLastChunk(fields)]);
      const read: Uint8Array[] = [];
      const body = new ChunkedBody((bytes) => void read.push(bytes));
      const scanner = new ChunkedScanner();
      for (let at = 0; at < written.length; at += step) {
        body.receive(written.subarray(at, at + step));
        scanner.receive(written.subarray(at, at + step), 0);
      }
      expect(scanner.outcome).toBe("done");
      expect(Buffer.concat(read)).toEqual(Buffer.concat(data));
      expect(body.trailers).toEqual(fields);
    }),
  );
});
