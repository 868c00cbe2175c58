import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { WebSocketByteStream } from "../../../src/protocol/websocket/byte-stream.ts";
import { everyCut, octets, text } from "../../support/http-transcript.ts";
import { type FrameParts, frame } from "../../support/websocket-frame.ts";

const DEEP = process.env["DEEP"] === "1";
const RUNS = { numRuns: DEEP ? 20_000 : 300 };
const MASK = 0x11_22_33_44;

/** What a stream told and has to say, pieces joined. */
function read(chunks: readonly Uint8Array[]): { readonly told: readonly string[]; readonly pong: string | undefined } {
  const told: string[] = [];
  let bytes = "";
  const tell = (what: string): void => {
    if (bytes !== "") told.push(`bytes ${bytes}`);
    bytes = "";
    told.push(what);
  };
  const stream = new WebSocketByteStream({
    onBytes: (piece) => (bytes += text(piece)),
    onPeerClose: () => tell("close"),
    onFault: (code) => tell(`fault ${code}`),
  });
  for (const chunk of chunks) stream.receive(chunk);
  const pong = stream.takePong();
  tell(`answer ${hex(stream.close())}`);
  return { told, pong: pong && text(pong) };
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

const masked = (...parts: readonly FrameParts[]): Uint8Array =>
  Buffer.concat(parts.map((part) => frame({ opcode: 2, mask: MASK, ...part })));

describe("WebSocketByteStream", () => {
  test("reads the bytes of binary messages, wherever frames and chunks are cut", () => {
    const whole = masked(
      { text: "ab" },
      { text: "" },
      { text: "c", isFinal: false },
      { opcode: 9, text: "ping" },
      { opcode: 0, text: "d", isFinal: false },
      { opcode: 10, text: "unasked" },
      { opcode: 0, text: "e" },
      { text: "x".repeat(300) },
      { opcode: 8, text: "\x03\xe8bye" },
      { text: "late" },
    );
    const expected = [`bytes abcde${"x".repeat(300)}`, "close", "answer 880203e8"];
    for (const chunks of everyCut(whole)) expect(read(chunks)).toEqual({ told: expected, pong: "\x8a\x04ping" });
  });

  test.each<readonly [string, Uint8Array, string]>([
    ["a frame without mask", frame({ opcode: 2, text: "x" }), "fault 1002"],
    ["an empty ping without mask", frame({ opcode: 9 }), "fault 1002"],
    ["a reserved bit", masked({ text: "x", reserved: 0x40 }), "fault 1002"],
    ["an opcode that is none", masked({ text: "x", opcode: 3 }), "fault 1002"],
    ["a control opcode that is none", masked({ opcode: 11 }), "fault 1002"],
    ["a continuation of nothing", masked({ opcode: 0, text: "x" }), "fault 1002"],
    ["a message within a message", masked({ isFinal: false }, { text: "x" }), "fault 1002"],
    ["a ping in pieces", masked({ opcode: 9, isFinal: false }), "fault 1002"],
    ["a long ping", masked({ opcode: 9, text: "x".repeat(126) }), "fault 1002"],
    ["a text", masked({ opcode: 1, text: "x" }), "fault 1003"],
    ["a length of 2^63", Uint8Array.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), "fault 1002"],
  ])("takes no %s, and nothing behind it", (_, wrong, fault) => {
    const before = masked({ text: "good" });
    const whole = Buffer.concat([before, wrong, masked({ text: "late" }, { opcode: 9 })]);
    for (const chunks of everyCut(whole)) {
      const { told, pong } = read(chunks);
      expect(told.slice(0, 2)).toEqual(["bytes good", fault]);
      expect(told).toHaveLength(3);
      expect(pong).toBeUndefined();
    }
  });

  test.each([
    ["none", "", "03e8"],
    ["its own", "\x03\xf0reason", "03f0"],
    ["one of a program", "\x0f\xa0", "0fa0"],
    ["half a code", "\x03", "03ea"],
    ["a code that is never sent", "\x03\xed", "03ea"],
    ["a code of nobody", "\x07\xd0", "03ea"],
    ["a reason that is no UTF-8", "\x03\xe8\xff", "03ea"],
  ])("answers a Close with %s", (_, payload, code) => {
    expect(read([masked({ opcode: 8, text: payload })]).told).toEqual(["close", `answer 8802${code}`]);
  });

  test("answers the last of several pings", () => {
    expect(read([masked({ opcode: 9, text: "1" }, { opcode: 9, text: "2" })]).pong).toBe("\x8a\x012");
  });

  test("closes once, with a reason that fits", () => {
    const stream = new WebSocketByteStream({ onBytes: () => {}, onPeerClose: () => {}, onFault: () => {} });
    const close = stream.close(1011, "é".repeat(100));
    expect(close).toHaveLength(2 + 2 + 122);
    expect(text(close?.subarray(2, 4) ?? octets(""))).toBe("\x03\xf3");
    expect(stream.close()).toBeUndefined();
    expect(stream.hasClosed).toBe(true);
  });

  test.each([
    [0, "8200"],
    [125, "827d"],
    [126, "827e007e"],
    [65_535, "827effff"],
    [65_536, "827f0000000000010000"],
  ])("frames %d bytes for the visitor", (bytes, header) => {
    const stream = new WebSocketByteStream({ onBytes: () => {}, onPeerClose: () => {}, onFault: () => {} });
    expect(hex(stream.headerFor(bytes))).toBe(header);
  });

  test("reads whatever it is sent, to the end or to a fault", () => {
    const junk = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 });
    fc.assert(
      fc.property(junk, (chunks) => {
        const { told } = read(chunks);
        expect(told.filter((each) => /^(fault|close)/.test(each)).length).toBeLessThan(2);
      }),
      RUNS,
    );
  });

  test("gives back what was masked, whatever the key and the cuts", () => {
    const message = fc.record({ payload: fc.uint8Array({ maxLength: 500 }), mask: fc.nat() });
    fc.assert(
      fc.property(fc.array(message), fc.integer({ min: 1, max: 64 }), (messages, step) => {
        const wire = Buffer.concat(messages.map((each) => frame({ ...each, opcode: 2 })));
        const chunks = Array.from({ length: Math.ceil(wire.length / step) }, (_, i) =>
          wire.subarray(i * step, (i + 1) * step),
        );
        const heard: Uint8Array[] = [];
        const stream = new WebSocketByteStream({
          onBytes: (bytes) => heard.push(bytes.slice()),
          onPeerClose: () => {},
          onFault: (code) => expect(code).toBe(0),
        });
        for (const chunk of chunks) stream.receive(chunk);
        expect(Buffer.concat(heard).equals(Buffer.concat(messages.map(({ payload }) => payload)))).toBe(true);
      }),
      RUNS,
    );
  });
});
