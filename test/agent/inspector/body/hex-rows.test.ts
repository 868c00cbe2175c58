import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { HexRows } from "../../../../src/agent/inspector/body/hex-rows.ts";

test("HexRows shows offset, bytes and what can be read", () => {
  const rows = new HexRows(new TextEncoder().encode("GET / HTTP/1.1\r\n\u0000~\u007f"));
  expect(rows.count).toBe(2);
  expect(rows.row(0)).toEqual({
    offset: "00000000",
    hex: "47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a",
    ascii: "GET / HTTP/1.1..",
  });
  expect(rows.row(1)).toEqual({ offset: "00000010", hex: "00 7e 7f", ascii: ".~." });
  expect(new HexRows(new Uint8Array()).count).toBe(0);
});

test("HexRows rebuild any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const rows = new HexRows(bytes);
      const all = Array.from({ length: rows.count }, (_, i) => rows.row(i));
      expect(all.map((row) => row.hex.replaceAll(" ", "")).join("")).toBe(Buffer.from(bytes).toString("hex"));
      expect(all.map((row) => row.ascii).join("")).toHaveLength(bytes.length);
    }),
  );
});
