import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError } from "../../../src/base/errors.ts";
import {
  PROXY_HEADER_LIMIT_BYTES,
  ProxyHeaderDecoder,
  ProxyHeaderEncoder,
} from "../../../src/protocol/rpc/proxy-header.ts";

const RUNS = { numRuns: process.env["DEEP"] === "1" ? 20_000 : 300 };
const BIND = { bindId: "tn_1", protocol: "https", edgeType: "0", passesTlsThrough: false };

function framed(json: string, length = json.length): Uint8Array {
  const bytes = Buffer.alloc(8 + json.length);
  bytes.writeBigInt64LE(BigInt(length));
  bytes.write(json, 8, "latin1");
  return Uint8Array.from(bytes);
}

describe("ProxyHeaderEncoder", () => {
  test("puts type, length, header and payload into one piece, without a byte between", () => {
    const bytes = new ProxyHeaderEncoder(BIND).encode("203.0.113.7:51234", Uint8Array.of(1, 2));
    const view = new DataView(bytes.buffer);
    const jsonBytes = Number(view.getBigInt64(4, true));
    expect(view.getUint32(0)).toBe(3);
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(12, 12 + jsonBytes)))).toEqual({
      Id: "tn_1",
      ClientAddr: "203.0.113.7:51234",
      Proto: "https",
      EdgeType: "0",
      PassthroughTLS: false,
    });
    expect(bytes.subarray(12 + jsonBytes)).toEqual(Uint8Array.of(1, 2));
  });

  test.each([
    ["[2001:db8::1]:443", "[2001:db8::1]:443"],
    ["[fe80::1%eth0]:443", "[fe80::1%eth0]:443"],
    ["<pipe>", "0.0.0.0:0"],
    ['1.2.3.4:5","Id":"other', "0.0.0.0:0"],
    ["", "0.0.0.0:0"],
  ])("writes the address %j as %j", (address, written) => {
    const bytes = new ProxyHeaderEncoder(BIND).encode(address);
    const decoded = new ProxyHeaderDecoder().receive(bytes.subarray(4));
    expect(decoded?.header).toEqual({ ...BIND, visitorAddress: written });
  });

  test("gives every visitor bytes of its own", () => {
    const encoder = new ProxyHeaderEncoder(BIND);
    const first = encoder.encode("1.1.1.1:1");
    encoder.encode("2.2.2.2:2").fill(0);
    expect(new ProxyHeaderDecoder().receive(first.subarray(4))?.header.visitorAddress).toBe("1.1.1.1:1");
  });
});

describe("ProxyHeaderDecoder", () => {
  test.each([
    ["a length of 0", framed("{}", 0)],
    ["a negative length", framed("{}", -1)],
    ["a length in the other byte order", Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2, 0x7b, 0x7d)],
    ["a length above the limit", framed("{}", PROXY_HEADER_LIMIT_BYTES + 1)],
    ["what is not JSON", framed("{x}")],
    ["a list", framed("[]")],
    ["an id that is no text", framed('{"Id":1}')],
    ["two objects", framed("{}{}")],
    ["what is not UTF-8", framed('{"Id":"\u00ff"}')],
  ])("refuses %s", (_, bytes) => {
    expect(() => new ProxyHeaderDecoder().receive(bytes)).toThrow(ProtocolError);
  });

  test("gives header and payload at random cuts", () => {
    const payload = fc.uint8Array({ maxLength: 50 });
    fc.assert(
      fc.property(payload, fc.integer({ min: 1, max: 40 }), fc.string(), (payload, size, bindId) => {
        const bytes = new ProxyHeaderEncoder({ ...BIND, bindId }).encode("1.1.1.1:1", payload).subarray(4);
        const decoder = new ProxyHeaderDecoder();
        for (let at = 0; at < bytes.length; at += size) {
          const found = decoder.receive(bytes.subarray(at, at + size));
          if (found === undefined) continue;
          expect(found.header.bindId).toBe(bindId);
          expect(Buffer.concat([found.payload, bytes.subarray(at + size)])).toEqual(Buffer.from(payload));
          return;
        }
        throw new Error("no header found");
      }),
      RUNS,
    );
  });

  test("answers any bytes with a header, a wait or a ProtocolError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        try {
          expect(new ProxyHeaderDecoder().receive(bytes)?.header.bindId ?? "").toBeString();
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      RUNS,
    );
  });
});
