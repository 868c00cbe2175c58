import { describe, expect, test } from "bun:test";
import { RequestReader } from "../../../src/protocol/http1/request-reader.ts";
import { everyCut, octets, readRequests, text, TranscriptWriter } from "../../support/http-transcript.ts";

const GET = "GET /a?b HTTP/1.1\r\nHost: shop.example.com\r\n\r\n";
const POST_HEAD = "POST / HTTP/1.1\r\nhOsT:a\r\nContent-Length:\t 5 \r\n\r\n";
const CHUNKED_HEAD = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n";
const CHUNKED_BODY = '5;name="v"\r\nab\r\nc\r\n00A\r\n0123456789\r\n0\r\nChecksum: \xe9\r\nEmpty:\r\n\r\n';

interface Case {
  readonly name: string;
  readonly wire: string;
  readonly calls: readonly string[];
}

const CASES: readonly Case[] = [
  { name: "nothing", wire: "", calls: ["end"] },
  { name: "a request without a body", wire: GET, calls: [`head ${GET}`, "complete", "end"] },
  { name: "empty lines before a request", wire: `\r\n\r\n${GET}\r\n`, calls: [`head ${GET}`, "complete", "end"] },
  {
    name: "a body with a length",
    wire: `${POST_HEAD}hello`,
    calls: [`head ${POST_HEAD}`, "body hello", "complete", "end"],
  },
  {
    name: "a body of length zero",
    wire: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    calls: ["head POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "complete", "end"],
  },
  {
    name: "a chunked body with extensions and trailers",
    wire: CHUNKED_HEAD + CHUNKED_BODY,
    calls: [`head ${CHUNKED_HEAD}`, `body ${CHUNKED_BODY}`, "complete", "end"],
  },
  {
    name: "pipelined requests",
    wire: `${POST_HEAD}helloGET / HTTP/1.0\r\nHost: a\r\n\r\n${CHUNKED_HEAD}${CHUNKED_BODY}${GET}`,
    calls: [
      `head ${POST_HEAD}`,
      "body hello",
      "complete",
      "head GET / HTTP/1.0\r\nHost: a\r\n\r\n",
      "complete",
      `head ${CHUNKED_HEAD}`,
      `body ${CHUNKED_BODY}`,
      "complete",
      `head ${GET}`,
      "complete",
      "end",
    ],
  },
  { name: "a cut head", wire: "GET / HT", calls: ["cut"] },
  { name: "a cut body", wire: `${POST_HEAD}hel`, calls: [`head ${POST_HEAD}`, "body hel", "cut"] },
  {
    name: "a cut chunked body",
    wire: `${CHUNKED_HEAD}0\r\n`,
    calls: [`head ${CHUNKED_HEAD}`, "body 0\r\n", "cut"],
  },
  {
    name: "a fault behind a good request",
    wire: `${GET}GET\r\n\r\n`,
    calls: [`head ${GET}`, "complete", "refused start-line"],
  },
];

test.each(CASES)("RequestReader tells of $name, wherever the bytes are cut", ({ wire, calls }) => {
  const bytes = octets(wire);
  expect(readRequests([bytes])).toEqual(calls);
  for (const chunks of everyCut(bytes)) expect(readRequests(chunks)).toEqual(calls);
});

test("RequestReader hands on views of the chunk, without a copy", () => {
  const chunk = octets(`${POST_HEAD}hello`);
  const seen: Uint8Array[] = [];
  const reader = new RequestReader({
    ...ignoring(),
    onHead: (head) => seen.push(head.raw),
    onBody: (bytes) => seen.push(bytes),
  });
  reader.receive(chunk);
  expect(seen.map(({ buffer, byteOffset }) => [buffer === chunk.buffer, byteOffset])).toEqual([
    [true, 0],
    [true, POST_HEAD.length],
  ]);
});

test("RequestReader holds pipelined requests until next, and says so", () => {
  const writer = new TranscriptWriter();
  const reader = new RequestReader(writer);
  expect(reader.receive(octets(GET + GET))).toBe(false);
  expect(reader.receive(octets(GET))).toBe(false);
  expect(writer.calls).toEqual([`head ${GET}`, "complete"]);
  expect(reader.unreadBytes).toBe(2 * GET.length);
  reader.next();
  reader.next();
  expect(reader.unreadBytes).toBe(0);
  reader.next();
  expect(reader.isReading).toBe(true);
  expect(writer.calls).toEqual([`head ${GET}`, "complete", `head ${GET}`, "complete", `head ${GET}`, "complete"]);
});

test("RequestReader tells of the end only when what came before it has been read", () => {
  const writer = new TranscriptWriter();
  const reader = new RequestReader(writer);
  reader.receive(octets(`${GET}GET /`));
  reader.end();
  expect(writer.calls).toEqual([`head ${GET}`, "complete"]);
  reader.next();
  expect(writer.calls).toEqual([`head ${GET}`, "complete", "cut"]);
});

test("RequestReader goes through a long pipeline without growing the stack", () => {
  const calls = readRequests([octets(GET.repeat(20_000))]);
  expect(calls).toHaveLength(40_001);
});

describe("RequestReader, paused", () => {
  test("in the middle of a chunk, makes no call until it is resumed", () => {
    const writer = new TranscriptWriter();
    const reader: RequestReader = new RequestReader({
      ...forwarding(writer),
      onHead: (head) => {
        writer.onHead(head);
        reader.pause();
      },
    });
    expect(reader.receive(octets(`${POST_HEAD}hel`))).toBe(false);
    expect(reader.receive(octets("l"))).toBe(false);
    reader.receive(octets(`o${GET}`));
    reader.end();
    expect(writer.calls).toEqual([`head ${POST_HEAD}`]);
    reader.resume();
    expect(writer.calls).toEqual([`head ${POST_HEAD}`, "body hello", "complete"]);
    reader.next();
    expect(writer.calls.slice(3)).toEqual([`head ${GET}`]);
    reader.resume();
    expect(writer.calls.slice(4)).toEqual(["complete"]);
    reader.next();
    expect(writer.calls.slice(5)).toEqual(["end"]);
  });

  test("after each piece, keeps the order of what comes meanwhile", () => {
    const writer = new TranscriptWriter();
    const reader: RequestReader = new RequestReader({
      ...forwarding(writer),
      onBody: (bytes) => {
        writer.onBody(bytes);
        reader.pause();
      },
    });
    reader.receive(octets("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"));
    for (const piece of ["1", "2", "3", "4"]) reader.receive(octets(piece));
    for (let i = 0; i < 4; i++) reader.resume();
    expect(writer.calls.slice(1)).toEqual(["body 1234", "complete"]);
  });
});

describe("RequestReader.takeRest", () => {
  test("hands out everything behind the request, in order, and ends the reading", () => {
    const writer = new TranscriptWriter();
    const reader = new RequestReader(writer);
    reader.receive(octets(`${GET}one`));
    reader.receive(octets("two"));
    expect(reader.takeRest().map(text)).toEqual(["one", "two"]);
    expect(reader.unreadBytes).toBe(0);
    expect(reader.receive(octets("three"))).toBe(false);
    reader.end();
    expect(writer.calls).toEqual([`head ${GET}`, "complete"]);
  });

  test("works from inside onComplete", () => {
    const rest: string[] = [];
    const reader: RequestReader = new RequestReader({
      ...ignoring(),
      onComplete: () => rest.push(...reader.takeRest().map(text)),
    });
    reader.receive(octets(`${GET}opaque`));
    expect(rest).toEqual(["opaque"]);
  });

  test("is refused in the middle of a message", () => {
    const reader = new RequestReader(ignoring());
    reader.receive(octets(POST_HEAD));
    expect(() => reader.takeRest()).toThrow("state body");
  });
});

test("RequestReader.next is refused while a request is being read", () => {
  const reader = new RequestReader(ignoring());
  reader.receive(octets(POST_HEAD));
  expect(() => reader.next()).toThrow("state body");
});

test("RequestReader keeps nothing after a refusal and makes no further call", () => {
  const writer = new TranscriptWriter();
  const reader = new RequestReader(writer);
  reader.receive(octets(`bad\r\n\r\n${GET}`));
  reader.receive(octets(GET));
  reader.next();
  reader.resume();
  reader.end();
  expect(writer.calls).toEqual(["refused start-line"]);
  expect(reader.unreadBytes).toBe(0);
});

test("RequestReader lets a failure of its owner through", () => {
  const reader = new RequestReader({
    ...ignoring(),
    onHead: () => {
      throw new Error("ours");
    },
  });
  expect(() => reader.receive(octets(GET))).toThrow("ours");
});

function ignoring() {
  return { onHead() {}, onBody() {}, onComplete() {}, onNoMore() {}, onCut() {}, onRefused() {} };
}

function forwarding(writer: TranscriptWriter) {
  return {
    onHead: writer.onHead.bind(writer),
    onBody: writer.onBody.bind(writer),
    onComplete: writer.onComplete.bind(writer),
    onNoMore: writer.onNoMore.bind(writer),
    onCut: writer.onCut.bind(writer),
    onRefused: writer.onRefused.bind(writer),
  };
}
