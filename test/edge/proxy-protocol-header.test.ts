import { describe, expect, test } from "bun:test";
import { proxyProtocolHeader } from "../../src/edge/proxy-protocol-header.ts";

const SIGNATURE = "0d0a0d0a000d0a515549540a";

describe("proxyProtocolHeader", () => {
  test.each([
    ["192.0.2.7:5000", "198.51.100.1:443", "PROXY TCP4 192.0.2.7 198.51.100.1 5000 443\r\n"],
    ["[2001:db8::7]:5000", "[2001:db8::1]:443", "PROXY TCP6 2001:db8::7 2001:db8::1 5000 443\r\n"],
    ["<pipe>", "198.51.100.1:443", "PROXY UNKNOWN\r\n"],
    ["192.0.2.7:5000", undefined, "PROXY UNKNOWN\r\n"],
    ["<closed>", "<closed>", "PROXY UNKNOWN\r\n"],
  ])("tells in version 1 about %s at %s", (remoteAddress, localAddress, expected) => {
    const visitor = { remoteAddress, ...(localAddress !== undefined && { localAddress }) };
    expect(Buffer.from(proxyProtocolHeader(1, visitor)).toString()).toBe(expected);
  });

  test("tells the same in version 2", () => {
    const visitor = { remoteAddress: "192.0.2.7:5000", localAddress: "198.51.100.1:443" };
    expect(proxyProtocolHeader(2, visitor).toHex()).toBe(`${SIGNATURE}2111000cc0000207c6336401138801bb`);
  });
});
