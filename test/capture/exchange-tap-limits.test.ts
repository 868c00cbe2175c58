/** What a tap measures, what it leaves out, and that nobody makes it fail or hold more than it may. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ExchangeRecorder } from "../../src/capture/exchange-recorder.ts";
import type { Exchange } from "../../src/capture/exchange.ts";
import { ExchangeTap, PIPELINE_LIMIT } from "../../src/capture/exchange-tap.ts";
import { CAPTURE_LIMIT_BYTES } from "../../src/capture/exchange.ts";
import { EARLY_LIMIT_BYTES } from "../../src/capture/request-watch.ts";
import { octets, text } from "../support/http-transcript.ts";
import { playStep, type Step, TapScene, told, upstream, visitor } from "../support/tap-scene.ts";
import { frame } from "../support/websocket-frame.ts";

const DEEP = process.env["DEEP"] === "1";
const RUNS = { numRuns: DEEP ? 20_000 : 300 };
const DEEP_TIMEOUT_MS = 120_000;

const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const UPGRADE = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const SWITCHING = "HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const PIECE = new Uint8Array(100_000).fill(0x61);

describe("ExchangeTap, times", () => {
  test("ExchangeTap measures from the first octet of the request, by the clock", () => {
    const { tap, clock, ring } = new TapScene();
    clock.advance(1_000);
    tap.fromVisitor(octets("GE"));
    clock.advance(10);
    tap.fromVisitor(octets(GET.slice(2)));
    clock.advance(5.5);
    tap.fromUpstream(octets(OK.slice(0, 3)));
    clock.advance(20);
    tap.fromUpstream(octets(OK.slice(3)));
    expect(ring.list()[0]).toMatchObject({
      startedAt: new Date(1_000),
      requestEndMs: 10,
      firstByteMs: 15.5,
      endMs: 35.5,
    });
  });

  test("ExchangeTap counts the time in which the upstream is connected to", () => {
    const { tap, clock, ring } = new TapScene();
    tap.requestArrived();
    clock.advance(30);
    tap.fromVisitor(octets(GET));
    tap.fromUpstream(octets(OK));
    clock.advance(100);
    tap.fromVisitor(octets(GET));
    clock.advance(1);
    tap.fromUpstream(octets(OK));
    expect(ring.list().map(({ endMs }) => endMs)).toEqual([1, 30]);
  });

  test("ExchangeTap takes the first octet of the response behind interim ones", () => {
    const { tap, clock, ring } = new TapScene();
    tap.fromVisitor(octets(GET));
    clock.advance(1);
    tap.fromUpstream(octets("HTTP/1.1 100 Continue\r\n\r\n"));
    clock.advance(1);
    tap.fromUpstream(octets(OK));
    expect(ring.list()[0]).toMatchObject({ firstByteMs: 2, endMs: 2 });
  });

  test("ExchangeTap tells when a message of a WebSocket came, and the end when it closes", () => {
    const { tap, clock, ring } = new TapScene();
    tap.fromVisitor(octets(UPGRADE));
    tap.fromUpstream(octets(SWITCHING));
    clock.advance(3);
    tap.fromUpstream(frame({ text: "a" }));
    clock.advance(3);
    tap.closed("both");
    expect(ring.list()[0]).toMatchObject({ endMs: 6, messages: [{ index: 0, atMs: 3 }] });
  });
});

describe("ExchangeTap, limits", () => {
  test("ExchangeTap keeps the first MiB of each side, and counts the rest", () => {
    const scene = new TapScene();
    const length = 12 * PIECE.length;
    scene.play([visitor(`PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`)]);
    for (let i = 0; i < 12; i++) scene.play([visitor(PIECE)]);
    scene.play([upstream(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${length.toString(16)}\r\n`)]);
    for (let i = 0; i < 12; i++) scene.play([upstream(PIECE)]);
    scene.play([upstream("\r\n0\r\nX-Sum: 1\r\n\r\n")]);
    const { request, response, outcome } = scene.exchange;
    expect(outcome).toBe("complete");
    for (const side of [request, response]) {
      expect(side).toMatchObject({ isTruncated: true, isWhole: true });
      expect(side?.raw.length).toBe(CAPTURE_LIMIT_BYTES);
    }
    expect(request.wireBytes).toBe(request.headBytes + length);
    expect(response?.trailers).toEqual([["X-Sum", "1"]]);
  });

  test("ExchangeTap stops looking at a visitor who sends too many requests at once", () => {
    const scene = new TapScene().play([visitor(GET.repeat(PIPELINE_LIMIT + 1)), upstream(OK)]);
    expect(scene.ring.count).toBe(PIPELINE_LIMIT);
    expect(new Set(scene.exchanges.map(({ outcome }) => outcome))).toEqual(new Set(["unreadable"]));
  });

  test.each([PIPELINE_LIMIT + 2, 3 * PIPELINE_LIMIT])(
    "ExchangeTap leaves nothing open of %d requests in one piece",
    (count) => {
      const { exchanges } = new TapScene().play([visitor(GET.repeat(count)), upstream(OK), { closedBy: "both" }]);
      expect(new Set(exchanges.map(({ outcome }) => outcome))).toEqual(new Set(["unreadable"]));
      expect(exchanges.length).toBeLessThanOrEqual(PIPELINE_LIMIT + 1);
    },
  );

  test("ExchangeTap tells the ring of the body of each request, also when the next one has begun", () => {
    const body = "x".repeat(60_000);
    const post = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const scene = new TapScene().play([visitor(post + GET), visitor(post + GET)]);
    expect(scene.ring.memoryBytes).toBe(scene.exchanges.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0));
  });

  test("ExchangeTap stops looking when too much comes before an upgrade is answered", () => {
    const scene = new TapScene().play([visitor(UPGRADE), visitor(new Uint8Array(EARLY_LIMIT_BYTES + 1))]);
    expect(scene.exchange.outcome).toBe("unreadable");
  });

  test("ExchangeTap shows what is no HTTP as far as it is good to look at", () => {
    const noise = `HTTP/1.1 200 OK\r\nX: ${"a".repeat(50_000)}`;
    const { exchange } = new TapScene().play([visitor(GET), upstream(noise), upstream("\0")]);
    expect(exchange.outcome).toBe("unreadable");
    expect(text(exchange.response?.raw ?? PIECE)).toBe(noise.slice(0, 16_384));
  });
});

describe("ExchangeTap, an exchange that is no longer kept", () => {
  const rest = "x".repeat(4_000);
  const large = `HTTP/1.1 200 OK\r\nContent-Length: ${rest.length + 5}\r\n\r\nhello`;

  test("ExchangeTap lets go of it, and sees the next one", () => {
    const scene = new TapScene();
    const dropped: string[] = [];
    scene.ring.listen({ onChange: () => {}, onCleared: () => dropped.push("all"), onRemoved: () => {} });
    scene.play([visitor("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")]);
    const first = scene.exchange;
    scene.ring.clear();
    expect([first.request.raw.length, dropped]).toEqual([0, ["all"]]);
    // The answer to a HEAD ends with its head, so what is known of the request has not gone with its octets.
    scene.play([upstream("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), visitor(GET), upstream(OK)]);
    expect(scene.exchange).toMatchObject({ outcome: "complete", request: { method: "GET" } });
    expect(first.outcome).toBe("complete");
    expect(scene.faults).toEqual([]);
  });

  test("ExchangeTap keeps nothing more of one that grew beyond the limit of the ring", () => {
    const scene = new TapScene(3_000).play([visitor(GET)]);
    const { exchange } = scene;
    scene.play([upstream(large), upstream(rest.slice(1)), upstream("x")]);
    expect(scene.ring.count).toBe(0);
    expect(exchange.response?.raw.length).toBe(0);
    expect(exchange.response?.wireBytes).toBe(large.length + rest.length);
    expect(exchange.outcome).toBe("complete");
  });

  test("ExchangeTap keeps no messages of it", () => {
    const scene = new TapScene().play([visitor(UPGRADE), upstream(SWITCHING), upstream(frame({ text: "one" }))]);
    const { exchange } = scene;
    scene.ring.clear();
    scene.play([upstream(frame({ text: "two" })), { closedBy: "both" }]);
    expect(exchange).toMatchObject({ messages: [], outcome: "complete" });
  });
});

describe("ExchangeTap, hostile octets", () => {
  const BYTES = fc.uint8Array({ maxLength: 200 });
  const START = fc.constantFrom(
    GET,
    OK,
    UPGRADE,
    SWITCHING,
    "",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  const STEP: fc.Arbitrary<Step> = fc.oneof(
    { weight: 9, arbitrary: fc.tuple(fc.constantFrom("visitor", "upstream"), START, BYTES).map(asStep) },
    fc.constantFrom<Step[]>({ end: "visitor" }, { end: "upstream" }),
  );

  function asStep([from, start, bytes]: readonly [string, string, Uint8Array]): Step {
    return { from: from === "visitor" ? "visitor" : "upstream", bytes: Buffer.concat([octets(start), bytes]) };
  }

  test(
    "ExchangeTap ends every exchange, without a fault, whatever passes",
    () => {
      fc.assert(
        fc.property(fc.array(STEP, { maxLength: 8 }), (steps) => {
          const scene = new TapScene().play([...steps, { closedBy: "both" }]);
          expect(scene.exchanges.filter(({ outcome }) => outcome === "open")).toEqual([]);
          for (const exchange of scene.exchanges) expect(() => told(exchange)).not.toThrow();
        }),
        RUNS,
      );
    },
    DEEP_TIMEOUT_MS,
  );

  test("ExchangeTap tells a fault of ours and looks no more", () => {
    const { ring, clock } = new TapScene();
    const faults: unknown[] = [];
    const ended: string[] = [];
    const watcher = {
      onStarted: () => {
        throw new Error("made up");
      },
      onEnded: ({ outcome }: Exchange) => ended.push(outcome),
    };
    const tap = new ExchangeTap(new ExchangeRecorder({ ring, tunnelName: "web", watcher }, "a"), {
      clock,
      onFault: (fault) => faults.push(fault),
    });
    playStep(tap, visitor(GET));
    playStep(tap, upstream(OK));
    expect(faults).toEqual([new Error("made up")]);
    expect(ring.list()).toMatchObject([{ outcome: "unreadable", response: undefined }]);
    expect(ended).toEqual(["unreadable"]);
  });
});
