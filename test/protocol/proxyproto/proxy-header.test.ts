import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError } from "../../../src/base/errors.ts";
import type { ProxiedConnection } from "../../../src/protocol/proxyproto/proxied-connection.ts";
import { type ProxyHeader, ProxyHeaderReader } from "../../../src/protocol/proxyproto/proxy-header-reader.ts";
import { encodeVersion1 } from "../../../src/protocol/proxyproto/version-1.ts";
import { encodeVersion2 } from "../../../src/protocol/proxyproto/version-2.ts";

const RUNS = process.env["DEEP"] === undefined ? 200 : 20_000;
const SIGNATURE = "0d0a0d0a000d0a515549540a";

function ip(source: string, sourcePort: number, destination: string, destinationPort: number) {
  return {
    type: "ip" as const,
    transport: "stream" as const,
    source: { address: source, port: sourcePort },
    destination: { address: destination, port: destinationPort },
  };
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");
const hex = (digits: string): Uint8Array => Buffer.from(digits.replaceAll(" ", ""), "hex");
const IPV4 = ip("192.0.2.1", 56_324, "198.51.100.9", 443);
const IPV4_DATAGRAMS: ProxiedConnection = { ...IPV4, transport: "datagram" };
const IPV6 = ip("2001:db8::1", 1, "2001:db8::2", 65_535);
const UNIX: ProxiedConnection = { type: "unix", transport: "stream", source: "", destination: "/run/a.sock" };
const UNIX_BODY = `${"00".repeat(108)}${Buffer.from("/run/a.sock").toString("hex")}${"00".repeat(97)}`;

/** Written out from the specification, not by our encoder. */
const VECTORS: readonly (readonly [string, ProxiedConnection, 1 | 2, Uint8Array])[] = [
  ["IPv4", IPV4, 1, latin1("PROXY TCP4 192.0.2.1 198.51.100.9 56324 443\r\n")],
  ["IPv6", IPV6, 1, latin1("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n")],
  ["an unknown connection", { type: "unknown" }, 1, latin1("PROXY UNKNOWN\r\n")],
  ["IPv4", IPV4, 2, hex(`${SIGNATURE} 21 11 000c c0000201 c6336409 dc04 01bb`)],
  ["IPv4 datagrams", IPV4_DATAGRAMS, 2, hex(`${SIGNATURE} 21 12 000c c0000201 c6336409 dc04 01bb`)],
  [
    "IPv6",
    IPV6,
    2,
    hex(`${SIGNATURE} 21 21 0024 20010db8000000000000000000000001 20010db8000000000000000000000002 0001 ffff`),
  ],
  ["Unix sockets", UNIX, 2, hex(`${SIGNATURE} 21 31 00d8 ${UNIX_BODY}`)],
  ["an unknown connection", { type: "unknown" }, 2, hex(`${SIGNATURE} 21 00 0000`)],
  ["the front itself", { type: "local" }, 2, hex(`${SIGNATURE} 20 00 0000`)],
];

function readParts(parts: readonly Uint8Array[]): "more" | ProxyHeader {
  const reader = new ProxyHeaderReader();
  for (const part of parts) {
    const result = reader.receive(part);
    if (result !== "more") return result;
  }
  return "more";
}

function outcomeOf(parts: readonly Uint8Array[]): "more" | "refused" | ProxiedConnection {
  try {
    const result = readParts(parts);
    return result === "more" ? result : result.connection;
  } catch (cause) {
    if (cause instanceof ProtocolError) return "refused";
    throw cause;
  }
}

describe("encode", () => {
  test.each(VECTORS)("encode writes %s", (_, connection, version, bytes) => {
    const written = version === 1 ? encodeVersion1(connection) : encodeVersion2(connection);
    expect(Buffer.from(written).toString("hex")).toBe(Buffer.from(bytes).toString("hex"));
  });

  test.each([
    ["mapped addresses as IPv4", ip("::ffff:192.0.2.1", 1, "::ffff:c633:6409", 2), "TCP4 192.0.2.1 198.51.100.9 1 2"],
    ["two families as IPv6", ip("192.0.2.1", 1, "2001:db8::2", 2), "TCP6 ::ffff:c000:201 2001:db8::2 1 2"],
    ["a Unix connection as unknown", UNIX, "UNKNOWN"],
    ["the front itself as unknown", { type: "local" } as const, "UNKNOWN"],
    ["datagrams as unknown", IPV4_DATAGRAMS, "UNKNOWN"],
  ])("encodeVersion1 writes %s", (_, connection, expected) => {
    expect(Buffer.from(encodeVersion1(connection)).toString()).toBe(`PROXY ${expected}\r\n`);
  });
});

describe("ProxyHeaderReader", () => {
  test.each(VECTORS)("ProxyHeaderReader reads %s, wherever it is cut", (_, connection, _version, bytes) => {
    const rest = Buffer.from("PROXY ...");
    const stream = Buffer.concat([bytes, rest]);
    for (let cut = 0; cut < bytes.length; cut++) {
      const reader = new ProxyHeaderReader();
      expect(reader.receive(stream.subarray(0, cut))).toBe("more");
      expect(reader.receive(stream.subarray(cut))).toEqual({ connection, rest });
    }
  });

  test.each([
    ["words behind UNKNOWN", latin1("PROXY UNKNOWN ffff::1 what ever\r\n"), { type: "unknown" }],
    ["the longest line", latin1(`PROXY UNKNOWN ${"f".repeat(91)}\r\n`), { type: "unknown" }],
    [
      "the longest form of IPv6",
      latin1("PROXY TCP6 2001:0DB8:0:0:0:0:0:1 ::FFFF:1.2.3.4 0 1\r\n"),
      ip("2001:db8::1", 0, "::ffff:102:304", 1),
    ],
    ["extras behind the addresses", hex(`${SIGNATURE} 21 11 0012 c0000201 c6336409 dc04 01bb 04 0003 616263`), IPV4],
    ["addresses behind LOCAL", hex(`${SIGNATURE} 20 11 000c c0000201 c6336409 dc04 01bb`), { type: "local" }],
    ["an unspecified transport", hex(`${SIGNATURE} 21 10 000c c0000201 c6336409 dc04 01bb`), { type: "unknown" }],
  ] as const)("ProxyHeaderReader accepts %s", (_, bytes, connection) => {
    expect(readParts([bytes])).toEqual({ connection, rest: new Uint8Array(0) });
  });

  test.each([
    ["a request", latin1("GET / HTTP/1.1\r\n")],
    ["a TLS hello", Uint8Array.of(0x16)],
    ["a wrong signature", latin1("PROXX")],
    ["a lower-case signature", latin1("proxy TCP4")],
    ["no word for the protocol", latin1("PROXY \r\n")],
    ["an unknown protocol", latin1("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n")],
    ["a bare LF", latin1("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n")],
    ["a line without an end", latin1(`PROXY UNKNOWN ${"f".repeat(200)}`)],
    ["a missing port", latin1("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n")],
    ["a word too much", latin1("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n")],
    ["two spaces", latin1("PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n")],
    ["an octal address", latin1("PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n")],
    ["a hexadecimal address", latin1("PROXY TCP4 0x7f.1 1.2.3.4 1 2\r\n")],
    ["a part of an address over 255", latin1("PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n")],
    ["an address of five parts", latin1("PROXY TCP4 1.2.3.4.5 1.2.3.4 1 2\r\n")],
    ["IPv6 in TCP4", latin1("PROXY TCP4 ::1 ::1 1 2\r\n")],
    ["IPv4 in TCP6", latin1("PROXY TCP6 1.2.3.4 ::1 1 2\r\n")],
    ["a zone", latin1("PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n")],
    ["a port over 65535", latin1("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n")],
    ["a port with a sign", latin1("PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n")],
    ["a port with a leading zero", latin1("PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n")],
    ["version 3", hex(`${SIGNATURE} 31 11 000c`)],
    ["an unknown command", hex(`${SIGNATURE} 22 11 0000`)],
    ["an unknown family", hex(`${SIGNATURE} 21 41 0000`)],
    ["an unknown transport", hex(`${SIGNATURE} 21 13 0000`)],
    ["addresses that are too short", hex(`${SIGNATURE} 21 11 000b c0000201 c6336409 dc04 01`)],
    ["paths that are too short", hex(`${SIGNATURE} 21 31 0001 00`)],
    ["a body over the limit", hex(`${SIGNATURE} 21 11 1001`)],
  ])("ProxyHeaderReader refuses %s", (_, bytes) => {
    expect(() => readParts([bytes])).toThrow(ProtocolError);
  });

  test("ProxyHeaderReader ends in a header, a wait or a ProtocolError, wherever the bytes are cut", () => {
    const whole = fc.constantFrom(...VECTORS.map(([, , , bytes]) => bytes));
    const garbled = fc.tuple(whole, fc.nat(300), fc.nat(255)).map(([bytes, at, value]) => {
      const copy = Uint8Array.from(bytes);
      copy[at] = value;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(garbled, fc.uint8Array()), fc.nat(300), (bytes, cut) => {
        expect(outcomeOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(outcomeOf([bytes]));
      }),
      { numRuns: RUNS },
    );
  });
});

test("ProxyHeaderReader reads what encode writes", () => {
  const address = fc.oneof(fc.tuple(fc.ipV4(), fc.ipV4()), fc.tuple(fc.ipV6(), fc.ipV6()));
  fc.assert(
    fc.property(address, fc.nat(65_535), fc.nat(65_535), ([source, destination], from, to) => {
      const connection = ip(source, from, destination, to);
      expect(outcomeOf([encodeVersion1(connection)])).toEqual(outcomeOf([encodeVersion2(connection)]));
      expect(outcomeOf([encodeVersion1(connection)])).not.toBe("refused");
    }),
    { numRuns: RUNS },
  );
});
