import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError } from "../../../src/base/errors.ts";
import type { HandshakeStep } from "../../../src/protocol/outbound-proxy/proxy-handshake.ts";
import { Socks5Handshake } from "../../../src/protocol/outbound-proxy/socks5.ts";

const TARGET = { host: "edge.example", port: 443 };
const CREDENTIALS = { user: "me", password: "pass" };
const REQUEST = "0501 00 03 0c 656467652e6578616d706c65 01bb".replaceAll(" ", "");
const LOGIN = "01 02 6d65 04 70617373".replaceAll(" ", "");
const RUNS = process.env["DEEP"] === undefined ? 200 : 20_000;

const hex = (digits: string): Uint8Array => Buffer.from(digits.replaceAll(" ", ""), "hex");
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Plays the proxy's answers, each byte alone; answers what we sent, in hex, and the last step. */
function play(
  socks: Socks5Handshake,
  answers: readonly string[],
): { readonly sent: string[]; readonly last: HandshakeStep } {
  const sent = [toHex(socks.start())];
  let last: HandshakeStep = "more";
  for (const answer of answers) {
    for (const byte of hex(answer)) {
      last = socks.receive(Uint8Array.of(byte));
      if (last !== "more" && last.type === "send") sent.push(toHex(last.bytes));
    }
  }
  return { sent, last };
}

describe("Socks5Handshake", () => {
  const DONE = { type: "established", rest: new Uint8Array(0) } as const;
  test.each([
    ["without credentials", TARGET, undefined, ["05 00", "05 00 00 01 00000000 0000"], ["050100", REQUEST]],
    [
      "with credentials that are not wanted",
      TARGET,
      CREDENTIALS,
      ["05 00", "05 00 00 01 00000000 0000"],
      ["05020002", REQUEST],
    ],
    [
      "with credentials",
      TARGET,
      CREDENTIALS,
      ["05 02", "01 00", "05 00 00 01 7f000001 1f90"],
      ["05020002", LOGIN, REQUEST],
    ],
    [
      "to an IPv4 address",
      { host: "127.0.0.1", port: 80 },
      undefined,
      ["05 00", "05 00 00 03 01 61 0000"],
      ["050100", "050100017f0000010050"],
    ],
    [
      "to an IPv6 address",
      { host: "::1", port: 80 },
      undefined,
      ["05 00", "05 00 00 04 00000000000000000000000000000001 0050"],
      ["050100", "05010004000000000000000000000000000000010050"],
    ],
  ])("Socks5Handshake gets through %s", (_, target, credentials, answers, sent) => {
    expect(play(new Socks5Handshake(target, credentials), answers)).toEqual({ sent, last: DONE });
  });

  test.each(["05 00 00 01 00000000 0000", "05 00 00 03 02 6162 0000", `05 00 00 04 ${"00".repeat(18)}`])(
    "Socks5Handshake keeps what follows the reply %s, wherever it is cut",
    (reply) => {
      const stream = Buffer.concat([hex(reply), Buffer.from("\x16\x03first")]);
      for (let cut = 0; cut < hex(reply).length; cut++) {
        const socks = new Socks5Handshake(TARGET);
        socks.receive(hex("05 00"));
        expect(socks.receive(stream.subarray(0, cut))).toBe("more");
        expect(socks.receive(stream.subarray(cut))).toEqual({
          type: "established",
          rest: Buffer.from("\x16\x03first"),
        });
      }
    },
  );

  test.each([
    ["no way to log in", undefined, ["05 ff"], "wants credentials: add user:password@ to its URL"],
    ["no user and password", CREDENTIALS, ["05 ff"], "takes no user and password"],
    ["wrong credentials", CREDENTIALS, ["05 02", "01 01"], "refused the credentials of its URL"],
    ["a rule", undefined, ["05 00", "05 02 00 01 00000000 0000"], "does not allow the connection by its rules"],
    ["a refused connection", undefined, ["05 00", "05 05 00 01 00000000 0000"], "found the connection refused"],
    ["an unknown code", undefined, ["05 00", "05 63 00 01 00000000 0000"], "answered with the unknown code 99"],
  ])("Socks5Handshake explains %s", (_, credentials, answers, reason) => {
    expect(play(new Socks5Handshake(TARGET, credentials), answers).last).toEqual({ type: "refused", reason });
  });

  test.each([
    ["an HTTP proxy", ["48"]],
    ["version 4", ["04"]],
    ["a method that was not offered", ["05 01"]],
    ["a login that was not offered", ["05 02"]],
    ["another version in the reply", ["05 00", "01"]],
    ["an unknown address type", ["05 00", "05 00 00 02"]],
  ])("Socks5Handshake refuses %s", (_, answers) => {
    expect(() => play(new Socks5Handshake(TARGET), answers)).toThrow(ProtocolError);
  });

  test("Socks5Handshake refuses a reply before its request", () => {
    expect(() => new Socks5Handshake(TARGET).receive(hex("05 00 05"))).toThrow(ProtocolError);
  });

  test("Socks5Handshake refuses a name that has no room", () => {
    expect(() => new Socks5Handshake({ host: "a".repeat(256), port: 1 })).toThrow(RangeError);
  });

  test("Socks5Handshake ends in a step or a ProtocolError, whatever comes", () => {
    const outcome = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 5 });
    fc.assert(
      fc.property(outcome, fc.boolean(), (parts, isWelcome) => {
        const socks = new Socks5Handshake(TARGET, CREDENTIALS);
        try {
          if (isWelcome) socks.receive(hex("05 00"));
          for (const part of parts) {
            const step = socks.receive(part);
            if (step !== "more" && step.type !== "send") break;
          }
        } catch (cause) {
          expect(cause).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
