import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { ProtocolError } from "../../../src/base/errors.ts";
import {
  JsonObjectReader,
  MESSAGE_LIMIT_BYTES,
  MESSAGE_LIMIT_DEPTH,
} from "../../../src/protocol/rpc/json-object-reader.ts";

const RUNS = { numRuns: process.env["DEEP"] === "1" ? 20_000 : 300 };
const utf8 = new TextEncoder();

/** Feeds the pieces until the object is complete. */
function read(pieces: readonly Uint8Array[]): string | undefined {
  const reader = new JsonObjectReader();
  for (const piece of pieces) {
    const found = reader.receive(piece);
    if (found !== undefined) return new TextDecoder().decode(found);
  }
  return undefined;
}

const COMPLETE: readonly (readonly [name: string, input: string, object: string])[] = [
  ["an empty object", "{}", "{}"],
  ["an object and a newline", '{"a":1}\n', '{"a":1}'],
  ["white space before", ' \r\n\t{"a":1}', '{"a":1}'],
  ["brackets in a string", '{"a":"}]{["}}', '{"a":"}]{["}'],
  ["an escaped quote", '{"a":"\\"}"}x', '{"a":"\\"}"}'],
  ["an escaped backslash before the closing quote", '{"a":"\\\\"}}', '{"a":"\\\\"}'],
  ["a unicode escape", '{"a":"\\u003c}"}', '{"a":"\\u003c}"}'],
  ["letters of several bytes", '{"ä":"💥}"}', '{"ä":"💥}"}'],
  ["nesting", '{"a":{"b":[{"c":[]}]}}{', '{"a":{"b":[{"c":[]}]}}'],
  ["two objects", '{"a":1}{"b":2}', '{"a":1}'],
];

test.each(COMPLETE)("JsonObjectReader finds the end of %s wherever the bytes are cut", (_, input, object) => {
  const bytes = utf8.encode(input);
  expect(read([bytes])).toBe(object);
  expect(read([...bytes].map((byte) => Uint8Array.of(byte)))).toBe(object);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(read([bytes.subarray(0, cut), bytes.subarray(cut)])).toBe(object);
  }
});

test.each(["", " ", "{", '{"a', '{"a":"\\', '{"a":[1', '{"a":"}'])(
  "JsonObjectReader waits for more after %j",
  (input) => {
    expect(read([utf8.encode(input)])).toBeUndefined();
  },
);

test.each(["[]", '"a"', "1", "null", "}", "\u0000", "\ufeff{}"])("JsonObjectReader refuses %j", (input) => {
  expect(() => read([utf8.encode(input)])).toThrow(ProtocolError);
});

test("JsonObjectReader refuses an object that nests too deep", () => {
  const nested = (depth: number): Uint8Array => utf8.encode(`{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`);
  expect(read([nested(MESSAGE_LIMIT_DEPTH)])).toHaveLength(nested(MESSAGE_LIMIT_DEPTH).length);
  expect(() => read([nested(MESSAGE_LIMIT_DEPTH + 1)])).toThrow(ProtocolError);
});

test.each([1, 65_536, MESSAGE_LIMIT_BYTES])(
  "JsonObjectReader takes 1 MiB and not a byte more in pieces of %d",
  (size) => {
    const message = (bytes: number): Uint8Array[] => {
      const all = utf8.encode(`{"a":"${"x".repeat(bytes - 8)}"}`);
      return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.subarray(at * size, (at + 1) * size));
    };
    expect(read(message(MESSAGE_LIMIT_BYTES))).toHaveLength(MESSAGE_LIMIT_BYTES);
    expect(() => read(message(MESSAGE_LIMIT_BYTES + 1))).toThrow(ProtocolError);
  },
);

test("JsonObjectReader finds what a serializer wrote, at random cuts and with anything behind it", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })),
      fc.uint8Array({ maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (value, behind, sizes) => {
        const json = JSON.stringify(value);
        expect(read(cutInto(Buffer.concat([utf8.encode(json), behind]), sizes))).toBe(json);
      },
    ),
    RUNS,
  );
});

test("JsonObjectReader answers any bytes with an object, a wait or a ProtocolError", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      (bytes, sizes) => {
        try {
          expect(read(cutInto(bytes, sizes)) ?? "").toBeString();
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      },
    ),
    RUNS,
  );
});

/** Cuts into pieces of these sizes, over and over. */
function cutInto(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
