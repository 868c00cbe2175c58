import { describe, expect, test } from "bun:test";
import { assert, property, uint8Array } from "fast-check";
import { ProtocolError } from "../../../src/base/errors.ts";
import { encodeRelayStart, RelayStartDecoder } from "../../../src/protocol/relay/relay-start.ts";
import { STREAM_TYPE_BYTES, STREAM_TYPES, StreamTypeReader } from "../../../src/protocol/rpc/stream-type.ts";

const ID = "ts_2abcDEF0123456789";
const NOTHING = new Uint8Array(0);
const FOR_THE_AGENT = Buffer.from("\u0000\u0000\u0000\u0003 and what follows");

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
  const whole = Buffer.concat([encodeRelayStart(ID).subarray(STREAM_TYPE_BYTES), FOR_THE_AGENT]);

  test("reads what encodeRelayStart writes, cut anywhere", () => {
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const decoder = new RelayStartDecoder();
      const first = decoder.receive(whole.subarray(0, cut));
      const found = first ?? decoder.receive(whole.subarray(cut));
      const rest = Buffer.concat([found?.rest ?? NOTHING, first === undefined ? NOTHING : whole.subarray(cut)]);
      expect([found?.legId, rest.toString()]).toEqual([ID, FOR_THE_AGENT.toString()]);
    }
  });

  test("ends in an id or a ProtocolError, whatever comes", () => {
    assert(
      property(uint8Array({ minLength: 256, maxLength: 300 }), (bytes) => {
        try {
          expect(new RelayStartDecoder().receive(bytes)?.legId).toMatch(/^\w{1,100}$/);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
