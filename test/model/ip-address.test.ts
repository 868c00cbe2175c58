import { describe, expect, test } from "bun:test";
import {
  array,
  assert,
  constantFrom,
  ipV4,
  ipV6,
  oneof,
  property,
  string,
  stringMatching,
  uint8Array,
} from "fast-check";
import ipaddr from "ipaddr.js";
import { formatIp, ipOctets } from "../../src/model/ip-address.ts";

const RUNS = process.env["DEEP"] === "1" ? 50_000 : 500;

function hexOf(octets: Uint8Array | undefined): string | undefined {
  return octets?.toHex();
}

function byLibrary(text: string): string | undefined {
  return ipaddr.isValid(text) ? Uint8Array.from(ipaddr.parse(text).toByteArray()).toHex() : undefined;
}

describe("ipOctets", () => {
  test.each([
    ["192.0.2.7", "c0000207"],
    ["0.0.0.0", "00000000"],
    ["255.255.255.255", "ffffffff"],
    ["::", "0".repeat(32)],
    ["::1", `${"0".repeat(31)}1`],
    ["2001:DB8::7", "20010db8000000000000000000000007"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
    ["::2:3:4:5:6:7:8", "00000002000300040005000600070008"],
    ["::192.0.2.7", "000000000000000000000000c0000207"],
    ["::ffff:192.0.2.7", "00000000000000000000ffffc0000207"],
    ["64:ff9b::192.0.2.7", "0064ff9b0000000000000000c0000207"],
    ["1:2:3:4:5:6:192.0.2.7", "000100020003000400050006c0000207"],
    ["fe80::1%eth0", "fe800000000000000000000000000001"],
  ])("ipOctets reads %p", (text, hex) => {
    expect(hexOf(ipOctets(text))).toBe(hex);
  });

  test.each([
    "",
    ".",
    ":",
    ":::",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1.2.3.04",
    "1.2.3.0x4",
    "1.2.3. 4",
    "1.2.3.",
    "1.2.3.4%eth0",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4::5:6:7:8",
    "1::2::3",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "12345::",
    "g::",
    "::1.2.3",
    "::1.2.3.04",
    "1.2.3.4::",
    "1.2.3.4::1",
    "1:2:3:4:5:6:7:1.2.3.4",
    "::1%",
    "::1%eth0%eth1",
    "%eth0::1",
  ])("ipOctets refuses %p", (text) => {
    expect(ipOctets(text)).toBeUndefined();
  });

  test("ipOctets reads what another reader does", () => {
    const part = oneof(constantFrom("", "0", "1", "ffff", "abc", "::", ":"), stringMatching(/^[0-9a-f]{1,4}$/));
    const address = oneof(
      ipV4(),
      ipV6(),
      array(part, { minLength: 2, maxLength: 10 }).map((parts) => parts.join(":")),
    ).filter((text) => !/^::[^:]+\./.test(text)); // the other takes these for mapped
    assert(
      property(address, (text) => {
        expect(hexOf(ipOctets(text))).toBe(byLibrary(text));
      }),
      { numRuns: RUNS },
    );
  });

  test("ipOctets reads any text or answers nothing", () => {
    assert(
      property(string(), (text) => [undefined, 4, 16].includes(ipOctets(text)?.length)),
      { numRuns: RUNS },
    );
  });
});

describe("formatIp", () => {
  test.each([
    ["c0000207", "192.0.2.7"],
    ["20010db8000000000001000000000000", "2001:db8:0:0:1::"],
    ["20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"],
    ["20010db8000000000001000000000001", "2001:db8::1:0:0:1"],
    ["0".repeat(32), "::"],
    [`${"0".repeat(31)}1`, "::1"],
  ])("formatIp writes %s as %s", (hex, text) => {
    expect(formatIp(Uint8Array.fromHex(hex))).toBe(text);
  });

  test("formatIp writes what ipOctets reads, as another writer does", () => {
    const octet = oneof(
      constantFrom(0, 0, 0),
      uint8Array({ minLength: 1, maxLength: 1 }).map(([one = 0]) => one),
    );
    const octets = oneof(array(octet, { minLength: 4, maxLength: 4 }), array(octet, { minLength: 16, maxLength: 16 }));
    assert(
      property(octets, (values) => {
        const text = formatIp(Uint8Array.from(values));
        expect(hexOf(ipOctets(text))).toBe(Uint8Array.from(values).toHex());
        expect(text).toBe(ipaddr.fromByteArray(values).toString());
      }),
      { numRuns: RUNS },
    );
  });
});
