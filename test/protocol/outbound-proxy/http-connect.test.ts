import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError } from "../../../src/base/errors.ts";
import { CONNECT_HEAD_LIMIT_BYTES, HttpConnect } from "../../../src/protocol/outbound-proxy/http-connect.ts";
import type { HandshakeStep } from "../../../src/protocol/outbound-proxy/proxy-handshake.ts";

const TARGET = { host: "edge.example", port: 443 };
const CREDENTIALS = { user: "Aladdin", password: "open sesame" };
const RUNS = process.env["DEEP"] === undefined ? 200 : 20_000;

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

function receiveParts(parts: readonly Uint8Array[], credentials?: typeof CREDENTIALS): HandshakeStep {
  const connect = new HttpConnect(TARGET, credentials);
  for (const part of parts) {
    const step = connect.receive(part);
    if (step !== "more") return step;
  }
  return "more";
}

describe("HttpConnect", () => {
  test.each([
    ["a name", TARGET, undefined, "CONNECT edge.example:443 HTTP/1.1\r\nHost: edge.example:443\r\n\r\n"],
    ["an IPv6 address", { host: "::1", port: 1 }, undefined, "CONNECT [::1]:1 HTTP/1.1\r\nHost: [::1]:1\r\n\r\n"],
    [
      "credentials, with the example of RFC 7617",
      TARGET,
      CREDENTIALS,
      "CONNECT edge.example:443 HTTP/1.1\r\nHost: edge.example:443\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n",
    ],
  ])("HttpConnect asks with %s", (_, target, credentials, expected) => {
    expect(Buffer.from(new HttpConnect(target, credentials).start()).toString()).toBe(expected);
  });

  test("HttpConnect refuses a host that would add a line to the request", () => {
    expect(() => new HttpConnect({ host: "a\r\nX: y", port: 1 })).toThrow(RangeError);
  });

  const ESTABLISHED: readonly (readonly [string, string])[] = [
    ["a plain 200", "HTTP/1.1 200 OK\r\n\r\n"],
    ["HTTP/1.0 with fields", "HTTP/1.0 200 Connection established\r\nProxy-agent: tinyproxy/1.11.1\r\n\r\n"],
    ["a 2xx other than 200", "HTTP/1.1 204\r\nContent-Length: 0\r\n\r\n"],
    ["bare line feeds", "HTTP/1.1 200 OK\nA: b\n\n"],
    ["an interim answer first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"],
  ];
  test.each(ESTABLISHED)("HttpConnect is through after %s, wherever it is cut, and keeps what follows", (_, head) => {
    const stream = bytes(`${head}\x16\x03first`);
    for (let cut = 0; cut < head.length; cut++) {
      const step = receiveParts([stream.subarray(0, cut), stream.subarray(cut)]);
      expect(step).toEqual({ type: "established", rest: bytes("\x16\x03first") });
    }
    expect(receiveParts([bytes(head.slice(0, -1))])).toBe("more");
  });

  test.each([
    [
      "407 without credentials",
      "HTTP/1.1 407 Login\r\n\r\n",
      undefined,
      "wants credentials (407): add user:password@ to its URL",
    ],
    ["407 with credentials", "HTTP/1.1 407 Login\r\n\r\n", CREDENTIALS, "refused the credentials of its URL (407)"],
    [
      "401, with which tinyproxy means 407",
      "HTTP/1.0 401 Unauthorized\r\n\r\n",
      CREDENTIALS,
      "refused the credentials of its URL (401)",
    ],
    ["another status", "HTTP/1.1 403 Filtered\r\nA: b\r\n\r\nbody", undefined, "answered 403 Filtered"],
    ["a status without a phrase", "HTTP/1.1 502\r\n\r\n", undefined, "answered 502"],
    ["a redirect", "HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", undefined, "answered 302 Found"],
    ["control characters", "HTTP/1.1 500 \x1b[31mred\r\n\r\n", undefined, "answered 500 ?[31mred"],
    ["an endless phrase", `HTTP/1.1 500 ${"x".repeat(500)}\r\n\r\n`, undefined, `answered 500 ${"x".repeat(100)}`],
  ])("HttpConnect explains %s", (_, answer, credentials, reason) => {
    expect(receiveParts([bytes(answer)], credentials)).toEqual({ type: "refused", reason });
  });

  test.each([
    ["what is not HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
    ["HTTP/2", "HTTP/2 200\r\n\r\n"],
    ["a wrong status", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["an empty line", "\r\n"],
    ["an endless head", `HTTP/1.1 200 OK\r\nA: ${"x".repeat(CONNECT_HEAD_LIMIT_BYTES)}`],
  ])("HttpConnect refuses %s", (_, answer) => {
    expect(() => receiveParts([bytes(answer)])).toThrow(ProtocolError);
  });

  test("HttpConnect ends in a step or a ProtocolError, whatever comes", () => {
    const text = fc
      .array(fc.constantFrom("HTTP/1.1 ", "200", "407", " ", "\r\n", "\n", "x: y", "\0"))
      .map((a) => bytes(a.join("")));
    fc.assert(
      fc.property(fc.oneof(text, fc.uint8Array()), fc.nat(60), (stream, cut) => {
        expect(outcomeOf([stream.subarray(0, cut), stream.subarray(cut)])).toBe(outcomeOf([stream]));
      }),
      { numRuns: RUNS },
    );
  });
});

function outcomeOf(parts: readonly Uint8Array[]): string {
  try {
    const step = receiveParts(parts);
    return step === "more" ? step : step.type;
  } catch (cause) {
    if (cause instanceof ProtocolError) return "violation";
    throw cause;
  }
}
