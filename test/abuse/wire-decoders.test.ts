/**
 * Every decoder of bytes from the network, fed recordings with faults in them: each ends in a value or in the error that
 * its contract names, and holds no more than its limit.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError } from "../../src/base/errors.ts";
import { ClientHelloReader, CLIENT_HELLO_LIMIT_BYTES } from "../../src/protocol/tls/client-hello.ts";
import { CONNECT_HEAD_LIMIT_BYTES, HttpConnect } from "../../src/protocol/outbound-proxy/http-connect.ts";
import { Socks5Handshake } from "../../src/protocol/outbound-proxy/socks5.ts";
import { ProxyHeaderReader } from "../../src/protocol/proxyproto/proxy-header-reader.ts";
import { VERSION_1_LIMIT_BYTES } from "../../src/protocol/proxyproto/version-1.ts";
import {
  VERSION_2_BODY_LIMIT_BYTES,
  VERSION_2_HEADER_BYTES,
  VERSION_2_SIGNATURE,
} from "../../src/protocol/proxyproto/version-2.ts";
import { JsonObjectReader, MESSAGE_LIMIT_BYTES } from "../../src/protocol/rpc/json-object-reader.ts";
import { PROXY_HEADER_LIMIT_BYTES, ProxyHeaderDecoder } from "../../src/protocol/rpc/proxy-header.ts";
import { FloodGuard } from "../../src/protocol/http2/flood-guard.ts";
import { WebSocketByteStream } from "../../src/protocol/websocket/byte-stream.ts";
import { headerBlock, http2Frame, PREFACE } from "../support/http2-frames.ts";
import { RECORDINGS, recordedStreams } from "../support/recorded-session.ts";
import { frame } from "../support/websocket-frame.ts";
import { FUZZ_TIMEOUT_MS, mutants, pieces, runs } from "./mutants.ts";

const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");
const hex = (digits: string): Uint8Array => Buffer.from(digits.replaceAll(" ", ""), "hex");

const recorded = (await Promise.all(RECORDINGS.map((name) => recordedStreams(name)))).flat();
const PROXY_STREAM = 3;
const jsonMessages = recorded
  .filter(({ streamType }) => streamType !== PROXY_STREAM && streamType !== -1)
  .flatMap(({ fromOpener, fromAnswerer }) => [fromOpener, fromAnswerer])
  .filter((bytes) => bytes[0] === 0x7b);
const proxyStarts = recorded
  .filter(({ streamType }) => streamType === PROXY_STREAM)
  .map(({ fromOpener }) => fromOpener);

// The file is ours.
const helloFile = (await Bun.file(new URL("../vectors/client-hellos.json", import.meta.url)).json()) as readonly {
  readonly hex: string;
}[];

const TARGET = { host: "edge.test", port: 443 };
const LOGIN = { user: "me", password: "secret" };
const SIGNATURE = Buffer.from(VERSION_2_SIGNATURE).toString("hex");

/** What takes pieces until it says that it is done. */
interface Taker {
  /** True: what follows is not for it. */
  receive(piece: Uint8Array): boolean;
}

interface Decoder {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  readonly open: () => Taker;
  /** How many bytes it takes at most before it decides, and a stranger who keeps it from that. */
  readonly limitBytes: number;
  readonly endless: { readonly start: Uint8Array; readonly filler: Uint8Array };
}

const untilFound = (receive: (piece: Uint8Array) => unknown, waiting: unknown): Taker => ({
  receive: (piece) => receive(piece) !== waiting,
});

const DECODERS: readonly Decoder[] = [
  {
    name: "ClientHelloReader",
    seeds: helloFile.map((hello) => hex(hello.hex)),
    open: () => {
      const reader = new ClientHelloReader();
      return untilFound((piece) => reader.receive(piece), "more");
    },
    limitBytes: CLIENT_HELLO_LIMIT_BYTES,
    // Records of one byte: five of head for each.
    endless: { start: hex("1603010001 01 1603010001 00 1603010001 3f 1603010001 ff"), filler: hex("1603010001 00") },
  },
  {
    name: "ProxyHeaderReader, version 1,",
    seeds: [
      "PROXY TCP4 192.0.2.1 198.51.100.9 56324 443\r\n",
      "PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n",
      "PROXY UNKNOWN\r\n",
    ].map(latin1),
    open: () => {
      const reader = new ProxyHeaderReader();
      return untilFound((piece) => reader.receive(piece), "more");
    },
    limitBytes: VERSION_1_LIMIT_BYTES,
    endless: { start: latin1("PROXY "), filler: latin1("x") },
  },
  {
    name: "ProxyHeaderReader, version 2,",
    seeds: [
      hex(`${SIGNATURE} 21 11 000c c0000201 c6336409 dc04 01bb`),
      hex(`${SIGNATURE} 21 21 0024 ${"20010db8000000000000000000000001".repeat(2)} 0001 ffff`),
      hex(`${SIGNATURE} 21 31 00d8 ${"41".repeat(216)}`),
      hex(`${SIGNATURE} 20 00 0000`),
    ],
    open: () => {
      const reader = new ProxyHeaderReader();
      return untilFound((piece) => reader.receive(piece), "more");
    },
    limitBytes: VERSION_2_HEADER_BYTES + VERSION_2_BODY_LIMIT_BYTES,
    endless: { start: hex(`${SIGNATURE} 21 11 ffff`), filler: latin1("x") },
  },
  {
    name: "Socks5Handshake",
    seeds: [
      hex("0500 05000001 7f000001 01bb"),
      hex("0502 0100 05000003 09 656467652e74657374 01bb"),
      hex("0500 05000004 20010db8000000000000000000000001 01bb"),
      hex("05ff"),
    ],
    open: () => {
      const handshake = new Socks5Handshake(TARGET, LOGIN);
      return untilFound((piece) => decided(handshake.receive(piece)), false);
    },
    limitBytes: 4 + 4 + 1 + 255 + 2,
    endless: { start: hex("0502"), filler: hex("01 00 05000003 ff") },
  },
  {
    name: "HttpConnect",
    seeds: [
      "HTTP/1.1 200 Connection established\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
      "HTTP/1.1 503 \x1b[31mno\r\n\r\n<html>",
    ].map(latin1),
    open: () => {
      const handshake = new HttpConnect(TARGET, LOGIN);
      return untilFound((piece) => decided(handshake.receive(piece)), false);
    },
    limitBytes: CONNECT_HEAD_LIMIT_BYTES,
    endless: { start: latin1("HTTP/1.1 200 "), filler: latin1("x: y\r\n") },
  },
  {
    name: "JsonObjectReader",
    seeds: jsonMessages,
    open: () => {
      const reader = new JsonObjectReader();
      return untilFound((piece) => reader.receive(piece), undefined);
    },
    limitBytes: MESSAGE_LIMIT_BYTES,
    endless: { start: latin1('{"a":"'), filler: latin1("\\u0000".repeat(1_000)) },
  },
  {
    name: "ProxyHeaderDecoder",
    seeds: proxyStarts,
    open: () => {
      const decoder = new ProxyHeaderDecoder();
      return untilFound((piece) => decoder.receive(piece), undefined);
    },
    limitBytes: 8 + PROXY_HEADER_LIMIT_BYTES,
    endless: { start: hex("0040000000000000"), filler: latin1("x") },
  },
];

function decided(step: ReturnType<HttpConnect["receive"]>): boolean {
  if (step === "more" || step.type === "send") return false;
  // It stands in the log and on the terminal of the agent.
  // eslint-disable-next-line no-control-regex -- that is what is looked for
  if (step.type === "refused") expect(step.reason).not.toMatch(/[\0-\x1f\x7f-\x9f]/);
  return true;
}

/** How many bytes were taken, and whether that was the end. Throws what is no ProtocolError. */
function feed(taker: Taker, parts: Iterable<Uint8Array>): { readonly taken: number; readonly isDone: boolean } {
  let taken = 0;
  try {
    for (const part of parts) {
      taken += part.length;
      if (taker.receive(part)) return { taken, isDone: true };
    }
    return { taken, isDone: false };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { taken, isDone: true };
  }
}

describe.each(DECODERS)("$name", ({ seeds, open, limitBytes, endless }) => {
  test(
    "ends in an event or a ProtocolError whatever a recording becomes, at every cut alike",
    () => {
      expect(seeds.length).toBeGreaterThan(0);
      fc.assert(
        fc.property(mutants(seeds), fc.array(fc.nat(1 << 16), { maxLength: 8 }), (bytes, cuts) => {
          const whole = feed(open(), [bytes]);
          const inPieces = feed(open(), pieces(bytes, cuts));
          // SOCKS answers that come before they were asked for are refused, so there the cuts do matter.
          if (!inPieces.isDone) expect(whole.taken).toBe(bytes.length);
          if (!whole.isDone) expect(inPieces.isDone).toBe(false);
        }),
        runs(400),
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  test("decides within its limit, however much a stranger sends", () => {
    function* parts(): Generator<Uint8Array> {
      yield endless.start;
      for (let sent = 0; sent < limitBytes * 4; sent += endless.filler.length) yield endless.filler;
    }
    const { taken, isDone } = feed(open(), parts());
    expect(isDone).toBe(true);
    expect(taken).toBeLessThanOrEqual(limitBytes + endless.filler.length);
  });
});

describe("WebSocketByteStream", () => {
  const seeds = [
    Buffer.concat([frame({ text: "hello", opcode: 2, mask: 7 }), frame({ text: "x".repeat(300), opcode: 2, mask: 9 })]),
    Buffer.concat([frame({ opcode: 2, isFinal: false, text: "a", mask: 1 }), frame({ opcode: 0, text: "b", mask: 2 })]),
    Buffer.concat([frame({ opcode: 9, text: "ping", mask: 3 }), frame({ opcode: 8, text: "\x03\xe8bye", mask: 4 })]),
    hex("82ff 7fffffffffffffff 01020304 00"),
  ];

  test(
    "hands on bytes, or tells of one end, whatever a recording becomes, at every cut alike",
    () => {
      fc.assert(
        fc.property(mutants(seeds), fc.array(fc.nat(1 << 16), { maxLength: 8 }), (bytes, cuts) => {
          expect(heardOf(pieces(bytes, cuts))).toEqual(heardOf([bytes]));
        }),
        runs(400),
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});

function heardOf(parts: readonly Uint8Array[]): { readonly text: string; readonly ends: readonly unknown[] } {
  const ends: unknown[] = [];
  let text = "";
  const stream = new WebSocketByteStream({
    onBytes: (bytes) => {
      expect([bytes.length > 0, ends]).toEqual([true, []]);
      text += Buffer.from(bytes).toString("latin1");
    },
    onPeerClose: () => void ends.push("close"),
    onFault: (code) => void ends.push(code),
  });
  for (const part of parts) stream.receive(part);
  expect(ends.length).toBeLessThanOrEqual(1);
  expect((stream.close() ?? []).length).toBeLessThanOrEqual(4 + 125);
  return { text, ends };
}

describe("FloodGuard", () => {
  const seeds = [
    Buffer.concat([
      PREFACE,
      http2Frame("settings", 0, 0),
      http2Frame("headers", 5, 1, headerBlock([[":method", "GET"]])),
    ]),
    Buffer.concat([PREFACE, http2Frame("ping", 0, 0, Buffer.alloc(8)), http2Frame("data", 0, 1, Buffer.alloc(300))]),
  ];

  test(
    "gives the same verdict at every cut, whatever a recording becomes",
    () => {
      const verdict = (parts: readonly Uint8Array[]): readonly boolean[] => {
        const guard = new FloodGuard();
        let isFine = true;
        for (const part of parts) isFine = guard.receive(part, 0) && isFine;
        return [isFine, guard.hasBegun, guard.isHeadOpen];
      };
      fc.assert(
        fc.property(mutants(seeds), fc.array(fc.nat(1 << 16), { maxLength: 8 }), (bytes, cuts) => {
          expect(verdict(pieces(bytes, cuts))).toEqual(verdict([bytes]));
        }),
        runs(300),
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});
