import { describe, expect, test } from "bun:test";
import { assert, property, uint8Array } from "fast-check";
import { ProtocolError } from "../../../src/base/errors.ts";
import { encodeRelayed, encodeRelayStart, RelayStartDecoder } from "../../../src/protocol/relay/relay-start.ts";
import { STREAM_TYPE_BYTES, STREAM_TYPES, StreamTypeReader } from "../../../src/protocol/rpc/stream-type.ts";

const ID = "ts_2abcDEF0123456789";
const NOTHING = new Uint8Array(0);

describe("encodeRelayStart", () => {
  test("begins with the type of streams of visitors", () => {
    const read = new StreamTypeReader().receive(encodeRelayStart(ID));
    expect(read?.streamType).toBe(STREAM_TYPES.proxy);
  });

  test.each(["", "a b", "ü", "x".repeat(101), "a/b"])("refuses %p, which is no id of a session", (id) => {
    expect(() => encodeRelayStart(id)).toThrow(ProtocolError);
  });
});

describe("RelayStartDecoder", () => {
  const first = Buffer.from("\u0000\u0000\u0000\u0003 and the first words");
  const rest = Buffer.from("what follows");
  const whole = Buffer.concat([encodeRelayed(encodeRelayStart(ID).subarray(STREAM_TYPE_BYTES), first), rest]);

  test("gives the first bytes in one piece, cut anywhere, and loses nothing behind them", () => {
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const decoder = new RelayStartDecoder();
      const early = decoder.receive(whole.subarray(0, cut));
      const found = early ?? decoder.receive(whole.subarray(cut));
      const later = early === undefined ? NOTHING : whole.subarray(cut);
      expect([found?.legId, String(found && Buffer.from(found.first))]).toEqual([ID, first.toString()]);
      expect(Buffer.concat([found?.rest ?? NOTHING, later]).toString()).toBe(rest.toString());
    }
  });

  test("refuses more at once than any agent gets", () => {
    const start = encodeRelayStart(ID).subarray(STREAM_TYPE_BYTES);
    const lying = Buffer.concat([start, Buffer.from([0xff, 0xff, 0xff, 0xff])]);
    expect(() => new RelayStartDecoder().receive(lying)).toThrow(ProtocolError);
  });

  test("ends in an id, a wait or a ProtocolError, whatever comes", () => {
    assert(
      property(uint8Array({ minLength: 256, maxLength: 300 }), (bytes) => {
        try {
          expect(new RelayStartDecoder().receive(bytes)?.legId ?? "waits").toMatch(/^\w{1,100}$/);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
