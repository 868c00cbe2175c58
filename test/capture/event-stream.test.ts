import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { EventStream } from "../../src/capture/event-stream.ts";
import { MESSAGE_LIMIT_BYTES, type PassingMessage } from "../../src/capture/message-log.ts";
import { everyCut, octets, text } from "../support/http-transcript.ts";

function read(chunks: readonly Uint8Array[]): readonly PassingMessage[] {
  const events: PassingMessage[] = [];
  const stream = new EventStream((event) => events.push(event));
  for (const chunk of chunks) stream.receive(chunk);
  return events;
}

function told({ bytes, eventName, eventId }: PassingMessage): string {
  return [eventName, eventId, text(bytes)].map((part) => part ?? "-").join("|");
}

describe("EventStream", () => {
  test.each<readonly [name: string, source: string, events: readonly string[]]>([
    ["lines that end in LF", "data: a\ndata: b\n\ndata:c\n\n", ["-|-|a\nb", "-|-|c"]],
    ["lines that end in CR LF", "data: a\r\ndata: b\r\n\r\ndata:c\r\n\r\n", ["-|-|a\nb", "-|-|c"]],
    ["lines that end in CR", "data: a\rdata: b\r\rdata:c\r\r", ["-|-|a\nb", "-|-|c"]],
    ["a mixture of line ends", "data: a\r\ndata: b\n\rdata:c\n\r\n", ["-|-|a\nb", "-|-|c"]],
    ["names and ids, each of its own event", "event: tick\nid: 7\ndata: a\n\ndata: b\n\n", ["tick|7|a", "-|-|b"]],
    ["an empty id", "id\ndata: a\n\n", ["-||a"]],
    ["one space taken off, no more", "data:  a \n\n", ["-|-| a "]],
    ["empty data", "data\n\ndata:\ndata:\n\n", ["-|-|", "-|-|\n"]],
    ["comments and unknown fields", ": hello\nretry: 10\nmade: up\ndata: a\n: more\n\n", ["-|-|a"]],
    ["no data, so no event", "event: tick\n\n\n\ndata: a\n\n", ["-|-|a"]],
    ["an event that is not whole", "data: a\n\ndata: b\n", ["-|-|a"]],
    ["a byte order mark", "\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n", ["-|-|a"]],
    ["names in UTF-8", "event: \xe2\x9c\x93\ndata: a\n\n", ["\u2713|-|a"]],
  ])("EventStream reads %s, wherever the octets are cut", (_name, source, events) => {
    for (const chunks of everyCut(octets(source))) expect(read(chunks).map(told)).toEqual([...events]);
  });

  test("EventStream keeps the start of long data, in one line or in many", () => {
    const line = "y".repeat(1_000);
    const oneLine = `data: ${line.repeat(200)}\n\n`;
    const manyLines = `${`data: ${line}\n`.repeat(200)}\n`;
    for (const [source, totalBytes] of [
      [oneLine, 200_000],
      [manyLines, 200_199],
    ] as const) {
      const [event] = read([octets(source), octets("data: next\n\n")]);
      expect(event).toMatchObject({ kind: "event", totalBytes, isTruncated: true });
      expect(event?.bytes.length).toBeGreaterThan(MESSAGE_LIMIT_BYTES - 10);
      expect(event?.bytes.length).toBeLessThanOrEqual(MESSAGE_LIMIT_BYTES);
    }
  });

  test("EventStream holds no more than one event, however long its lines are", () => {
    const stream = new EventStream(() => {});
    for (let i = 0; i < 100; i++) stream.receive(octets(`data: ${"z".repeat(10_000)}`));
    expect(stream.memoryBytes).toBeLessThan(4 * MESSAGE_LIMIT_BYTES);
  });

  test("EventStream makes of any octets the same events, wherever they are cut", () => {
    const piece = fc.constantFrom("data", ":", " ", "\n", "\r", "\r\n", "\n\n", "id", "event", "x", "\xff");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const whole = read([octets(pieces.join(""))]);
        expect(read(pieces.map(octets))).toEqual([...whole]);
      }),
      { numRuns: process.env["DEEP"] === "1" ? 50_000 : 500 },
    );
  });
});
