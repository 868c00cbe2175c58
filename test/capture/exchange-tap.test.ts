/** What a tap records of made-up connections, wherever the octets are cut. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { octets } from "../support/http-transcript.ts";
import { type Step, TapScene, told, upstream, visitor } from "../support/tap-scene.ts";
import { frame } from "../support/websocket-frame.ts";

const DEEP = process.env["DEEP"] === "1";
const RUNS = { numRuns: DEEP ? 5_000 : 100 };
const DEEP_TIMEOUT_MS = 120_000;

const GET = "GET /a?b=c HTTP/1.1\r\nHost: a.example\r\nX-Twice: one\r\nx-twice:  two \r\n\r\n";
const POST_HEAD = "POST /form HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n";
const CHUNKS = "4;x=y\r\nabcd\r\n2\r\nef\r\n0\r\nX-Sum: 6\r\nX-Two:\ttwo \r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const CHUNKED_OK = `HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`;
const UPGRADE =
  "GET /socket HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n";
const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const EVENTS = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream ; charset=utf-8\r\n";
const CLOSED: Step = { closedBy: "both" };

interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Of each exchange, in order. */
  readonly expected: readonly object[];
}

const CASES: readonly Case[] = [
  {
    name: "a request without a body and its response",
    steps: [visitor(GET), upstream(OK), CLOSED],
    expected: [
      {
        outcome: "complete",
        stream: undefined,
        messages: [],
        request: {
          startLine: "GET /a?b=c HTTP/1.1",
          method: "GET",
          target: "/a?b=c",
          version: "HTTP/1.1",
          head: [
            ["Host", "a.example"],
            ["X-Twice", "one"],
            ["x-twice", "two"],
          ],
          raw: GET,
          headBytes: GET.length,
          wireBytes: GET.length,
          isTruncated: false,
          isWhole: true,
          trailers: [],
        },
        response: { status: "200 OK", raw: OK, headBytes: OK.length - 5, isWhole: true, isGenerated: false },
      },
    ],
  },
  {
    name: "bodies in chunked coding, with trailers, as they are on the wire",
    steps: [visitor(POST_HEAD + CHUNKS), upstream(CHUNKED_OK), CLOSED],
    expected: [
      {
        outcome: "complete",
        request: {
          raw: POST_HEAD + CHUNKS,
          headBytes: POST_HEAD.length,
          trailers: [
            ["X-Sum", "6"],
            ["X-Two", "two"],
          ],
        },
        response: {
          raw: CHUNKED_OK,
          status: "201 Created",
          trailers: [
            ["X-Sum", "6"],
            ["X-Two", "two"],
          ],
        },
      },
    ],
  },
  {
    name: "empty lines around requests, which are no requests",
    steps: [visitor(`\r\n\r\n${GET}`), upstream(OK), visitor(`\r\n${GET}\r\n`), upstream(OK), visitor("\r\n"), CLOSED],
    expected: [
      { outcome: "complete", request: { raw: GET }, response: { raw: OK } },
      { outcome: "complete", request: { raw: GET }, response: { raw: OK } },
    ],
  },
  {
    name: "the start of a request behind empty lines",
    steps: [visitor(`\r\n${GET}`), upstream(OK), visitor("\r\nGET /"), { closedBy: "visitor" }],
    expected: [
      { outcome: "complete", request: { raw: GET } },
      { outcome: "visitorCut", request: { raw: "\r\nGET /" } },
    ],
  },
  {
    name: "several exchanges one after the other, the last one not answered",
    steps: [
      visitor(GET),
      upstream(OK),
      visitor(POST_HEAD + CHUNKS),
      upstream("HTTP/1.1 204 No Content\r\n\r\n"),
      visitor(GET),
      { closedBy: "visitor" },
    ],
    expected: [
      { outcome: "complete", response: { raw: OK } },
      { outcome: "complete", request: { method: "POST" }, response: { status: "204 No Content", isWhole: true } },
      { outcome: "visitorCut", request: { isWhole: true }, response: undefined },
    ],
  },
  {
    name: "pipelined requests, each with its response",
    steps: [
      visitor(`${GET}HEAD /h HTTP/1.1\r\nHost: a.example\r\n\r\n${POST_HEAD}${CHUNKS}`),
      upstream(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n${CHUNKED_OK}`),
      CLOSED,
    ],
    expected: [
      { outcome: "complete", request: { method: "GET" }, response: { raw: OK } },
      { outcome: "complete", request: { method: "HEAD" }, response: { wireBytes: 38 } },
      { outcome: "complete", request: { method: "POST" }, response: { raw: CHUNKED_OK } },
    ],
  },
  {
    name: "the response behind interim ones, which are left out",
    steps: [visitor(GET), upstream(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n${OK}`), CLOSED],
    expected: [{ outcome: "complete", response: { raw: OK } }],
  },
  {
    name: "a body that the end of the connection ends",
    steps: [visitor(GET), upstream("HTTP/1.0 200 \r\n\r\nall of it"), { end: "upstream" }, CLOSED],
    expected: [
      {
        outcome: "complete",
        response: { raw: "HTTP/1.0 200 \r\n\r\nall of it", status: "200", isWhole: true },
      },
    ],
  },
  {
    name: "an answer that comes before the request is whole, and ends the exchange",
    steps: [
      visitor("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"),
      upstream("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"),
      { end: "visitor" },
      CLOSED,
    ],
    expected: [{ outcome: "complete", request: { isWhole: false, wireBytes: 49 }, response: { isWhole: true } }],
  },
  {
    name: "a request that the visitor cuts",
    steps: [visitor("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"), { end: "visitor" }, CLOSED],
    expected: [{ outcome: "visitorCut", request: { isWhole: false, isTruncated: false }, response: undefined }],
  },
  {
    name: "a request that the visitor cuts behind two that are whole, of which one is answered",
    steps: [
      visitor(`${GET}${GET}PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc`),
      { end: "visitor" },
      upstream(OK),
      { end: "upstream" },
      CLOSED,
    ],
    expected: [
      { outcome: "complete", response: { raw: OK } },
      { outcome: "upstreamCut", request: { isWhole: true }, response: undefined },
      { outcome: "visitorCut", request: { isWhole: false }, response: undefined },
    ],
  },
  {
    name: "a request that the visitor cuts and the upstream answers",
    steps: [
      visitor("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"),
      { end: "visitor" },
      upstream(OK),
      CLOSED,
    ],
    expected: [{ outcome: "complete", request: { isWhole: false }, response: { raw: OK } }],
  },
  {
    name: "a head that the visitor cuts",
    steps: [visitor("GET /a HTTP/1.1\r\nHo"), { closedBy: "visitor" }],
    expected: [
      {
        outcome: "visitorCut",
        request: { raw: "GET /a HTTP/1.1\r\nHo", headBytes: 0, method: "" },
        response: undefined,
      },
    ],
  },
  {
    name: "a response that the visitor does not wait for",
    steps: [visitor(GET), upstream(OK.slice(0, -2)), { closedBy: "visitor" }],
    expected: [{ outcome: "visitorCut", response: { raw: OK.slice(0, -2), isWhole: false } }],
  },
  {
    name: "a response that the upstream cuts by ending",
    steps: [visitor(GET), upstream(OK.slice(0, -2)), { end: "upstream" }, CLOSED],
    expected: [{ outcome: "upstreamCut", response: { raw: OK.slice(0, -2), isWhole: false } }],
  },
  {
    name: "a head that the upstream cuts by a reset",
    steps: [visitor(GET), upstream("HTTP/1.1 200 O"), { closedBy: "upstream" }],
    expected: [{ outcome: "upstreamCut", response: { raw: "HTTP/1.1 200 O", headBytes: 0, status: "" } }],
  },
  {
    name: "no answer at all",
    steps: [visitor(GET), { end: "upstream" }, CLOSED],
    expected: [{ outcome: "upstreamCut", response: undefined }],
  },
  {
    name: "a response that is no HTTP, and nothing behind it",
    steps: [visitor(GET), upstream("220 mail.example ready\r\n"), visitor(GET), CLOSED],
    expected: [{ outcome: "unreadable", response: { headBytes: 0, status: "", isWhole: false } }],
  },
  {
    name: "a request that is no HTTP, and nothing behind it",
    steps: [visitor("\x16\x03\x01 not HTTP\r\n"), visitor(GET), upstream(OK), CLOSED],
    expected: [{ outcome: "unreadable", request: { headBytes: 0, method: "", target: "" }, response: undefined }],
  },
  {
    name: "a body that breaks the rules of chunked coding",
    steps: [visitor(`${POST_HEAD}4\r\nabcdX`), upstream(OK), CLOSED],
    expected: [{ outcome: "unreadable", request: { isWhole: false }, response: undefined }],
  },
  {
    name: "octets that nobody asked for",
    steps: [visitor(GET), upstream(`${OK}more`), visitor(GET), upstream(OK), CLOSED],
    expected: [{ outcome: "complete" }],
  },
  {
    name: "an upgrade that is refused, with a request behind it",
    steps: [visitor(UPGRADE), visitor(GET), upstream(`${OK}${OK}`), CLOSED],
    expected: [
      { outcome: "complete", request: { target: "/socket" }, stream: undefined },
      { outcome: "complete", request: { target: "/a?b=c" }, response: { raw: OK } },
    ],
  },
  {
    name: "an upgrade that is granted: the messages of both sides, also early ones",
    steps: [
      visitor(UPGRADE),
      visitor(frame({ text: "early", mask: 0x01020304 })),
      upstream(octets(SWITCHING)),
      upstream(frame({ text: "hel", isFinal: false })),
      upstream(frame({ opcode: 9, text: "between" })),
      upstream(frame({ opcode: 0, text: "lo" })),
      visitor(frame({ opcode: 2, text: "\x00\xff", mask: 0xa0b0c0d0 })),
      visitor(frame({ opcode: 8, text: "\x03\xe8bye", mask: 0 })),
      CLOSED,
    ],
    expected: [
      {
        outcome: "complete",
        stream: "websocket",
        response: { raw: SWITCHING, isWhole: true },
        request: { raw: UPGRADE, isWhole: true },
        messages: [
          "visitor text: early",
          "upstream ping: between",
          "upstream text: hello",
          "visitor binary: \x00\xff",
          "visitor close: \x03\xe8bye",
        ],
      },
    ],
  },
  {
    name: "an upgrade to something unknown: nothing but the heads",
    steps: [
      visitor("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: made-up\r\n\r\n"),
      upstream("HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: made-up\r\n\r\nanything"),
      visitor("at all"),
      { closedBy: "upstream" },
    ],
    expected: [{ outcome: "upstreamCut", stream: undefined, messages: [], request: { isWhole: true } }],
  },
  {
    name: "server-sent events, in chunked coding",
    steps: [
      visitor(GET),
      upstream(`${EVENTS}Transfer-Encoding: chunked\r\n\r\nC\r\ndata: one\n\nd\r\n`),
      upstream("14\r\nata: two\r\ndata:2\r\n\r\n\r\n0\r\n\r\n"),
      CLOSED,
    ],
    expected: [{ outcome: "complete", stream: "events", messages: ["upstream event: one", "upstream event: two\n2"] }],
  },
  {
    name: "server-sent events until the visitor goes",
    steps: [
      visitor(GET),
      upstream(`${EVENTS}\r\nevent: tick\nid: 7\ndata: a\n\n: comment\n\ndata: not whole`),
      { closedBy: "visitor" },
    ],
    expected: [{ outcome: "visitorCut", stream: "events", messages: ["upstream event event=tick id=7: a"] }],
  },
];

/** Adjoining pieces of one side as one, so that a cut can be anywhere in them. */
function joined(steps: readonly Step[]): readonly Step[] {
  const result: Step[] = [];
  for (const step of steps) {
    const last = result.at(-1);
    const isSame = last !== undefined && "from" in last && "from" in step && last.from === step.from;
    if (isSame) result[result.length - 1] = { from: last.from, bytes: Buffer.concat([last.bytes, step.bytes]) };
    else result.push(step);
  }
  return result;
}

function cutAt(steps: readonly Step[], cuts: (bytes: number) => readonly number[]): readonly Step[] {
  return steps.flatMap((step): readonly Step[] => {
    if (!("from" in step)) return [step];
    const places = [0, ...cuts(step.bytes.length), step.bytes.length];
    const pieces = places.slice(1).map((end, i) => step.bytes.subarray(places[i], end));
    return pieces.filter((piece) => piece.length > 0).map((bytes) => ({ from: step.from, bytes }));
  });
}

function record(steps: readonly Step[]) {
  return new TapScene().play(steps).exchanges.map(told);
}

/** Of what is no HTTP as much is shown as came before that was clear, which depends on the cuts. */
function recordReadable(steps: readonly Step[]): readonly object[] {
  return record(steps).map((exchange) => {
    const { outcome, request, response } = exchange;
    return outcome === "unreadable" ? { outcome, request: request.head, response: response?.head } : exchange;
  });
}

describe.each(CASES)("ExchangeTap records $name", ({ steps, expected }) => {
  test("in the pieces that are told here", () => {
    const found = record(steps);
    expect(found).toMatchObject([...expected]);
  });

  test("octet by octet", () => {
    expect(recordReadable(cutAt(steps, (bytes) => Array.from({ length: bytes }, (_, i) => i)))).toEqual(
      recordReadable(joined(steps)),
    );
  });

  test("with one cut, wherever it is", () => {
    const whole = recordReadable(joined(steps));
    for (let at = 1; at < 200; at++) {
      expect(recordReadable(cutAt(joined(steps), (bytes) => (at < bytes ? [at] : [])))).toEqual(whole);
    }
  });

  test(
    "cut at random",
    () => {
      const whole = recordReadable(joined(steps));
      fc.assert(
        fc.property(fc.array(fc.nat(400), { maxLength: 8 }), (places) => {
          const sorted = places.toSorted((a, b) => a - b);
          const cut = cutAt(joined(steps), (bytes) => sorted.filter((place) => place < bytes));
          expect(recordReadable(cut)).toEqual(whole);
        }),
        RUNS,
      );
    },
    DEEP_TIMEOUT_MS,
  );
});
