/** Messages of one direction, fragments joined and decompressed. */
import { describe, expect, test } from "bun:test";
import { constants, createDeflateRaw, deflateRawSync } from "node:zlib";
import * as fc from "fast-check";
import { INFLATED_LIMIT_BYTES } from "../../src/capture/message-inflater.ts";
import { MESSAGE_LIMIT_BYTES, type PassingMessage } from "../../src/capture/message-log.ts";
import { agreedCodings, type MessageCoding, WebSocketMessages } from "../../src/capture/websocket-messages.ts";
import { everyCut, octets, text } from "../support/http-transcript.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { type FrameParts, frame } from "../support/websocket-frame.ts";

const DEEP = process.env["DEEP"] === "1";
const RUNS = { numRuns: DEEP ? 20_000 : 300 };
const DEEP_TIMEOUT_MS = 120_000;
const COMPRESSED = 0x40;
const PLAIN: MessageCoding = { deflate: undefined };
const TAKEOVER: MessageCoding = { deflate: { keepsContext: true } };
const NO_TAKEOVER: MessageCoding = { deflate: { keepsContext: false } };

function read(coding: MessageCoding, chunks: readonly Uint8Array[]) {
  const messages: PassingMessage[] = [];
  const reader = new WebSocketMessages(coding, (message) => messages.push(message));
  const isReadable = chunks.map((chunk) => reader.receive(chunk)).every(Boolean);
  return { messages, isReadable, told: messages.map(({ kind, bytes }) => `${kind} ${text(bytes)}`), reader };
}

function frames(...parts: readonly FrameParts[]): Uint8Array {
  return Buffer.concat(parts.map(frame));
}

/** Compresses one message after the other, each with a flush, as a sender that keeps its context does. */
async function compressed(messages: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const deflate = createDeflateRaw();
  const pieces: Uint8Array[] = [];
  deflate.on("data", (piece: Uint8Array) => pieces.push(piece));
  const results: Uint8Array[] = [];
  for (const message of messages) {
    deflate.write(message);
    await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    results.push(Buffer.concat(pieces.splice(0)).subarray(0, -4));
  }
  deflate.close();
  return results;
}

describe("WebSocketMessages", () => {
  const MIXED = frames(
    { text: "" },
    { text: "masked", mask: 0x11_22_33_44 },
    { opcode: 2, text: "\x00\x01", isFinal: false },
    { opcode: 9, text: "ping", mask: 1 },
    { opcode: 0, text: "", isFinal: false },
    { opcode: 0, text: "\x02", mask: 0xff_00_ff_00 },
    { opcode: 10, text: "" },
    { text: "x".repeat(300) },
    { opcode: 8, text: "\x03\xe8" },
  );
  const TOLD = [
    "text ",
    "text masked",
    "ping ping",
    "binary \x00\x01\x02",
    "pong ",
    `text ${"x".repeat(300)}`,
    "close \x03\xe8",
  ];

  test("WebSocketMessages tells the same wherever the octets are cut", () => {
    for (const chunks of everyCut(MIXED)) expect(read(PLAIN, chunks).told).toEqual(TOLD);
  });

  test("WebSocketMessages keeps the start of long messages, whatever the size of their fragments", () => {
    const long = patternedBytes(3 * MESSAGE_LIMIT_BYTES);
    const whole = frames({ opcode: 2, payload: long, mask: 7 });
    const inTwo = frames(
      { opcode: 2, payload: long.subarray(0, 70_000), isFinal: false },
      { opcode: 0, payload: long.subarray(70_000) },
    );
    for (const bytes of [whole, inTwo]) {
      const [message] = read(PLAIN, [bytes]).messages;
      expect(message).toMatchObject({ kind: "binary", totalBytes: long.length, isTruncated: true });
      expect(message?.bytes).toEqual(long.subarray(0, MESSAGE_LIMIT_BYTES));
    }
  });

  test("WebSocketMessages gives large room back when a message is over", () => {
    const { reader } = read(PLAIN, [frames({ opcode: 2, payload: new Uint8Array(MESSAGE_LIMIT_BYTES) })]);
    expect(reader.memoryBytes).toBeLessThan(10_000);
  });

  test.each([
    ["a long control frame", frame({ opcode: 9, text: "x".repeat(126) })],
    ["a control frame in pieces", frame({ opcode: 8, isFinal: false })],
    ["a length beyond 2^53", Uint8Array.of(0x82, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0)],
  ])("WebSocketMessages reads no further behind %s", (_name, bytes) => {
    const { isReadable, told } = read(PLAIN, [frames({ text: "before" }), bytes, frames({ text: "behind" })]);
    expect([isReadable, told]).toEqual([false, ["text before"]]);
  });

  test.each([
    ["a continuation of nothing", { opcode: 0, text: "a" }, ["binary a", "text next"]],
    ["an opcode that is reserved for messages", { opcode: 3, text: "a" }, ["binary a", "text next"]],
    ["a reserved control frame", { opcode: 11, text: "a" }, ["text next"]],
    ["bits of an unknown extension", { text: "a", reserved: 0x20 }, ["binary a", "text next"]],
    ["compression that was not agreed on", { text: "a", reserved: COMPRESSED }, ["binary a", "text next"]],
  ])("WebSocketMessages makes the best of %s", (_name, parts, expected) => {
    expect(read(PLAIN, [frames(parts, { text: "next" })]).told).toEqual(expected);
  });

  test(
    "WebSocketMessages ends at no octets in a fault",
    () => {
      const coding = fc.constantFrom(PLAIN, TAKEOVER, NO_TAKEOVER);
      const bytes = fc.uint8Array({ maxLength: 300 });
      fc.assert(
        fc.property(coding, fc.array(bytes, { maxLength: 5 }), (agreed, chunks) => {
          const { messages } = read(agreed, chunks);
          for (const message of messages) expect(message.bytes.length).toBeLessThanOrEqual(message.totalBytes);
        }),
        RUNS,
      );
    },
    DEEP_TIMEOUT_MS,
  );
});

describe("WebSocketMessages, permessage-deflate", () => {
  const SENTENCES = ["the same words again", "the same words again", "x".repeat(60_000), "the same words again"];

  test("WebSocketMessages decompresses messages that refer to earlier ones", async () => {
    const packed = await compressed(SENTENCES.map(octets));
    const bytes = frames(...packed.map((payload) => ({ payload, reserved: COMPRESSED, mask: 9 })));
    expect(read(TAKEOVER, [bytes]).told).toEqual(SENTENCES.map((sentence) => `text ${sentence}`));
  });

  test("WebSocketMessages decompresses fragments, with control frames and plain messages between", async () => {
    const [first = NOTHING, second = NOTHING] = await compressed([octets("one two three"), octets("one two three")]);
    const bytes = frames(
      { payload: first.subarray(0, 3), reserved: COMPRESSED, isFinal: false },
      { opcode: 10, text: "pong" },
      { opcode: 0, payload: first.subarray(3) },
      { text: "plain" },
      { opcode: 2, payload: second, reserved: COMPRESSED },
    );
    for (const chunks of everyCut(bytes)) {
      expect(read(TAKEOVER, chunks).told).toEqual([
        "pong pong",
        "text one two three",
        "text plain",
        "binary one two three",
      ]);
    }
  });

  test("WebSocketMessages decompresses each for itself when no context is kept", () => {
    const packed = SENTENCES.map((sentence) => deflateRawSync(sentence, { finishFlush: constants.Z_SYNC_FLUSH }));
    const good = frames(...packed.map((payload) => ({ payload: payload.subarray(0, -4), reserved: COMPRESSED })));
    const bad = frames({ text: "\xff\xff\xff", reserved: COMPRESSED });
    expect(read(NO_TAKEOVER, [bad, good]).told).toEqual([
      "binary \xff\xff\xff",
      ...SENTENCES.map((sentence) => `text ${sentence}`),
    ]);
  });

  test("WebSocketMessages shows what refers to an unreadable message as it passed", async () => {
    const [first = NOTHING, second = NOTHING] = await compressed([octets("again"), octets("again")]);
    const broken = frames({ text: "\xff\xff", reserved: COMPRESSED });
    const { told } = read(TAKEOVER, [broken, frames({ payload: second, reserved: COMPRESSED }, { text: "plain" })]);
    expect(told).toEqual(["binary \xff\xff", `binary ${text(second)}`, "text plain"]);
    expect(first.length).toBeGreaterThan(second.length);
  });

  test("WebSocketMessages decompresses no more of a message than its limit", () => {
    const zeros = (bytes: number): Uint8Array =>
      deflateRawSync(new Uint8Array(bytes), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const bytes = frames(
      { payload: zeros(INFLATED_LIMIT_BYTES), opcode: 2, reserved: COMPRESSED },
      { payload: zeros(INFLATED_LIMIT_BYTES + 1), opcode: 2, reserved: COMPRESSED },
    );
    const [fits, larger] = read(NO_TAKEOVER, [bytes]).messages;
    expect(fits).toMatchObject({ totalBytes: INFLATED_LIMIT_BYTES, isTruncated: true });
    expect(larger?.totalBytes).toBe(zeros(INFLATED_LIMIT_BYTES + 1).length);
  });

  test("WebSocketMessages does not go on decompressing messages of a sender who only makes work", () => {
    const bomb = deflateRawSync(new Uint8Array(1_000_000), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const bytes = frames(...Array.from({ length: 30 }, () => ({ payload: bomb, opcode: 2, reserved: COMPRESSED })));
    const inflated = read(NO_TAKEOVER, [bytes]).messages.filter(({ totalBytes }) => totalBytes === 1_000_000);
    expect(inflated.length).toBeGreaterThan(4);
    expect(inflated.length).toBeLessThan(10);
  });
});

describe("agreedCodings", () => {
  const none = { visitor: PLAIN, upstream: PLAIN };
  test.each([
    [[], none],
    [["permessage-deflate"], { visitor: TAKEOVER, upstream: TAKEOVER }],
    [["permessage-deflate; server_no_context_takeover"], { visitor: TAKEOVER, upstream: NO_TAKEOVER }],
    [
      ["Permessage-Deflate;client_no_context_takeover ; client_max_window_bits=12"],
      { visitor: NO_TAKEOVER, upstream: TAKEOVER },
    ],
    [["x-made-up"], none],
    [["permessage-deflate, x-made-up"], none],
    [["permessage-deflate", "x-made-up"], none],
    [["x-permessage-deflate"], none],
  ])("agreedCodings of %p", (extensions, expected) => {
    expect(agreedCodings(extensions)).toEqual(expected);
  });
});

const NOTHING = new Uint8Array(0);
