import { expect, test } from "bun:test";
import { array, assert, property, uint8Array } from "fast-check";
import { withoutChunks } from "../../../../../src/agent/inspector/client/detail/without-chunks.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ["two chunks", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"],
  ["an extension and a trailer", "3;a=b\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n", "abc"],
  ["a size in capitals", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789"],
  ["a body that is cut", "ff\r\nabc", "abc"],
  ["a body that is cut in a size", "3\r\nabc\r\n2", "abc"],
  ["no chunk", "0\r\n\r\n", ""],
])("withoutChunks takes the coding off %s", (_, coded, content) => {
  expect(new TextDecoder().decode(withoutChunks(bytes(coded)))).toBe(content);
});

test("withoutChunks reads what was written in chunks of any size, and never grows", () => {
  assert(
    property(array(uint8Array({ minLength: 1 })), (chunks) => {
      const parts = chunks.flatMap((chunk) => [bytes(`${chunk.length.toString(16)}\r\n`), chunk, bytes("\r\n")]);
      const coded = Buffer.concat([...parts, bytes("0\r\n\r\n")]);
      expect(Buffer.from(withoutChunks(coded))).toEqual(Buffer.concat(chunks));
    }),
  );
  assert(property(uint8Array(), (any) => withoutChunks(any).length <= any.length));
});
