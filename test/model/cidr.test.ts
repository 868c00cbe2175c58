import { describe, expect, test } from "bun:test";
import { assert, integer, ipV4, oneof, property, string, stringMatching } from "fast-check";
import { PublicError } from "../../src/base/errors.ts";
import { addressOctets, isWithin, parseCidr } from "../../src/model/cidr.ts";

const RUNS = process.env["DEEP"] === "1" ? 20_000 : 300;

describe("parseCidr", () => {
  test.each([
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["192.0.2.7/32", "192.0.2.7/32"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["192.0.2.128/25", "192.0.2.128/25"],
    ["2001:DB8:0::/32", "2001:db8::/32"],
    ["::/0", "::/0"],
    ["::1/128", "::1/128"],
    ["::ffff:10.0.0.0/104", "10.0.0.0/8"],
  ])("parseCidr reads %p", (text, canonical) => {
    expect(parseCidr(text).text).toBe(canonical);
  });

  test.each([
    ["10.0.0.1/8", "ERR_NGROK_1409", "10.0.0.0/8"],
    ["192.0.2.129/25", "ERR_NGROK_1409", "192.0.2.128/25"],
    ["2001:db8::1/64", "ERR_NGROK_1409", "2001:db8::/64"],
    ["192.0.2.7", "ERR_NGROK_1413", "192.0.2.7/32"],
    ["::1", "ERR_NGROK_1413", "::1/128"],
    ["", "ERR_NGROK_362", "invalid CIDR"],
    ["example.com/8", "ERR_NGROK_362", "example.com/8"],
    ["10.0.0.0/33", "ERR_NGROK_362", "10.0.0.0/33"],
    ["::/129", "ERR_NGROK_362", "::/129"],
    ["10.0.0/24", "ERR_NGROK_362", "10.0.0/24"],
    ["010.0.0.0/8", "ERR_NGROK_362", "010.0.0.0/8"],
    ["10.0.0.0/-1", "ERR_NGROK_362", "10.0.0.0/-1"],
    ["10.0.0.0/8/8", "ERR_NGROK_362", "10.0.0.0/8/8"],
    ["10.0.0.0/255.0.0.0", "ERR_NGROK_362", "10.0.0.0/255.0.0.0"],
    ["::ffff:0:0/64", "ERR_NGROK_362", "::ffff:0:0/64"],
  ])("parseCidr refuses %p with %s", (text, code, part) => {
    const refusal = (() => {
      try {
        return parseCidr(text);
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(PublicError);
    expect(refusal).toMatchObject({ code, message: expect.stringContaining(part) });
  });

  test("parseCidr reads any text or refuses it with a code", () => {
    assert(
      property(oneof(string(), stringMatching(/^[0-9a-f:.]{0,20}\/\d{0,3}$/)), (text) => {
        try {
          return parseCidr(text).prefixBits >= 0;
        } catch (error) {
          return error instanceof PublicError;
        }
      }),
      { numRuns: RUNS },
    );
  });
});

test("isWithin agrees with a comparison of bits, for all masks of IPv4", () => {
  const ipv4 = ipV4();
  assert(
    property(ipv4, ipv4, integer({ min: 0, max: 32 }), (network, address, bits) => {
      const asBits = (text: string): string =>
        text
          .split(".")
          .map((part) => Number(part).toString(2).padStart(8, "0"))
          .join("");
      const prefix = asBits(network).slice(0, bits);
      const lowest = [0, 8, 16, 24].map((at) => Number.parseInt(prefix.padEnd(32, "0").slice(at, at + 8), 2)).join(".");
      const octets = addressOctets(address) ?? new Uint8Array(0);
      expect(isWithin(parseCidr(`${lowest}/${bits}`), octets)).toBe(asBits(address).startsWith(prefix));
    }),
    { numRuns: RUNS },
  );
});
