/** That what a ring counts is what its exchanges take, whatever they are made of. */
import { describe, expect, test } from "bun:test";
import { heapStats } from "bun:jsc";
import { octets } from "../support/http-transcript.ts";
import { playStep, type Step, TapScene, upstream, visitor } from "../support/tap-scene.ts";
import { frame } from "../support/websocket-frame.ts";

const LIMIT_BYTES = 12_000_000;
/**
 * What is asked for is a tenth; the rest is for what the runtime does meanwhile. It may also hold for a while what nobody
 * refers to any more, so that little can be said of what is given back.
 */
const ALLOWED_BYTES = LIMIT_BYTES * 1.1 + 1_500_000;

const GET = octets(
  `GET /some/path?with=query HTTP/1.1\r\nHost: a.example\r\nUser-Agent: made up\r\nAccept: */*\r\n\r\n`,
);
const LARGE = new Uint8Array(40_000).fill(0x61);
const UPGRADE = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const SWITCHING = "HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const MESSAGE = frame({ text: "a short message", mask: 0x01020304 });

/** Views of larger chunks, as sockets bring them. */
function viewOf(bytes: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(65_536);
  chunk.set(bytes);
  return chunk.subarray(0, bytes.length);
}

function small(body: string): readonly Step[] {
  return [
    visitor(viewOf(GET)),
    upstream(viewOf(octets(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`))),
  ];
}

const CASES: readonly (readonly [name: string, exchanges: number, steps: readonly Step[]])[] = [
  ["small exchanges", 30_000, small("hello")],
  ["exchanges with a page", 4_000, small("x".repeat(8_000))],
  [
    "large bodies that come in pieces",
    80,
    [
      visitor(GET),
      upstream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n61a800\r\n"),
      ...Array.from({ length: 10 }, () => upstream(LARGE)),
      { closedBy: "visitor" },
    ],
  ],
  [
    "WebSockets with many messages",
    60,
    [
      visitor(UPGRADE),
      upstream(SWITCHING),
      ...Array.from({ length: 1_500 }, () => visitor(MESSAGE)),
      { closedBy: "both" },
    ],
  ],
  ["exchanges that stay open", 9_000, [visitor(viewOf(GET)), upstream("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")]],
];

function heapBytes(): number {
  Bun.gc(true);
  return heapStats().heapSize;
}

describe("ExchangeRing, memory", () => {
  test.each(CASES)("ExchangeRing stays within its limit with %s", (_name, exchanges, steps) => {
    const before = heapBytes();
    const scene = new TapScene(LIMIT_BYTES);
    for (let i = 0; i < exchanges; i++) {
      const tap = scene.newTap();
      for (const step of steps) playStep(tap, step);
    }
    const held = heapBytes() - before;
    expect(scene.ring.memoryBytes).toBeLessThanOrEqual(LIMIT_BYTES);
    expect(scene.ring.memoryBytes).toBeGreaterThan(LIMIT_BYTES * 0.8);
    expect(held).toBeLessThan(ALLOWED_BYTES);
  });
});
