import { expect, test } from "bun:test";
import { ResponseReader } from "../../../src/protocol/http1/response-reader.ts";
import { everyCut, octets, readResponses, text, TranscriptWriter } from "../../support/http-transcript.ts";

interface Case {
  readonly name: string;
  readonly methods: readonly string[];
  /** Alternately: head, what follows it, head, … */
  readonly wire: string;
  readonly calls: readonly string[];
}

const OK_5 = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const OPEN = "HTTP/1.0 200 Fine\r\n\r\n";
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const NO_CONTENT = "HTTP/1.1 204\r\nContent-Length: 0\r\n\r\n";
const NOT_MODIFIED = "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n";

const CASES: readonly Case[] = [
  {
    name: "a body with a length",
    methods: ["GET"],
    wire: `${OK_5}hello`,
    calls: [`head ${OK_5}`, "body hello", "complete"],
  },
  {
    name: "a chunked body",
    methods: ["GET"],
    wire: `${CHUNKED}3\r\nabc\r\n0\r\n\r\n`,
    calls: [`head ${CHUNKED}`, "body 3\r\nabc\r\n0\r\n\r\n", "complete"],
  },
  {
    name: "a body until the end",
    methods: ["GET"],
    wire: `${OPEN}abc`,
    calls: [`head ${OPEN}`, "body abc", "complete"],
  },
  { name: "an empty body until the end", methods: ["GET"], wire: OPEN, calls: [`head ${OPEN}`, "complete"] },
  {
    name: "interim heads before the final one",
    methods: ["POST"],
    wire: `${CONTINUE}${HINTS}${OK_5}hello`,
    calls: [`head ${CONTINUE}`, `head ${HINTS}`, `head ${OK_5}`, "body hello", "complete"],
  },
  {
    name: "the answer to HEAD, which has no body",
    methods: ["HEAD", "GET"],
    wire: `${OK_5}${OK_5}hello`,
    calls: [`head ${OK_5}`, "complete", `head ${OK_5}`, "body hello", "complete"],
  },
  {
    name: "statuses without a body",
    methods: ["GET", "GET", "GET"],
    wire: `${NO_CONTENT}${NOT_MODIFIED}${OK_5}hello`,
    calls: [
      `head ${NO_CONTENT}`,
      "complete",
      `head ${NOT_MODIFIED}`,
      "complete",
      `head ${OK_5}`,
      "body hello",
      "complete",
    ],
  },
  {
    name: "an upgrade",
    methods: ["GET"],
    wire: `${SWITCH}\x81\x00GET /`,
    calls: [`head ${SWITCH}`, "rest \x81\x00GET /"],
  },
  { name: "a tunnel", methods: ["CONNECT"], wire: `${OK_5}opaque`, calls: [`head ${OK_5}`, "rest opaque"] },
  {
    name: "octets that nobody asked for",
    methods: ["GET"],
    wire: `${OK_5}hello!`,
    calls: [`head ${OK_5}`, "body hello", "complete", "rest !"],
  },
  { name: "no answer", methods: ["GET"], wire: "", calls: ["cut"] },
  { name: "no answer but an interim one", methods: ["GET"], wire: CONTINUE, calls: [`head ${CONTINUE}`, "cut"] },
  { name: "a cut body", methods: ["GET"], wire: `${OK_5}hell`, calls: [`head ${OK_5}`, "body hell", "cut"] },
  {
    name: "a cut chunked body",
    methods: ["GET"],
    wire: `${CHUNKED}3\r\nab`,
    calls: [`head ${CHUNKED}`, "body 3\r\nab", "cut"],
  },
  { name: "another protocol", methods: ["GET"], wire: "SSH-2.0-OpenSSH\r\n\r\n", calls: ["refused version"] },
  {
    name: "a fault in a chunk",
    methods: ["GET"],
    wire: `${CHUNKED}3\r\nabcd`,
    calls: [`head ${CHUNKED}`, "body 3\r\nabc", "refused chunk-end"],
  },
];

test.each(CASES)("ResponseReader tells of $name, wherever the bytes are cut", ({ methods, wire, calls }) => {
  const bytes = octets(wire);
  expect(readResponses([bytes], methods)).toEqual(calls);
  for (const chunks of everyCut(bytes)) expect(readResponses(chunks, methods)).toEqual(calls);
});

test("ResponseReader reads nothing before it knows the request", () => {
  const writer = new TranscriptWriter();
  const reader = new ResponseReader(writer);
  expect(reader.receive(octets(OK_5))).toBe(false);
  expect(reader.unreadBytes).toBe(OK_5.length);
  expect(writer.calls).toEqual([]);
  reader.next("HEAD");
  expect(writer.calls).toEqual([`head ${OK_5}`, "complete"]);
});

test("ResponseReader.takeRest works from inside onHead of an upgrade", () => {
  const rest: string[] = [];
  const reader: ResponseReader = new ResponseReader({
    onHead: (head) => {
      if (head.upgraded) rest.push(...reader.takeRest().map(text));
    },
    onBody: () => rest.push("body"),
    onComplete: () => rest.push("complete"),
    onNoMore: () => rest.push("end"),
    onCut: () => rest.push("cut"),
    onRefused: () => rest.push("refused"),
  });
  reader.next("GET");
  reader.receive(octets(`${SWITCH}frame`));
  reader.end();
  expect(rest).toEqual(["frame"]);
});
