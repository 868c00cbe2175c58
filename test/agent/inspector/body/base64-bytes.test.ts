import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { base64Bytes, base64Text } from "../../../../src/agent/inspector/body/base64-bytes.ts";

test.each([
  ["", []],
  ["aGk=", [104, 105]],
  ["aGk", [104, 105]],
  ["-_8", [251, 255]],
  ["+/8=", [251, 255]],
])("base64Bytes of %j", (text, bytes) => {
  expect([...(base64Bytes(text) ?? [])]).toEqual(bytes);
});

test.each(["a", "a b=", "aGk=\n", "é", "aGk=="])("base64Bytes refuses %j", (text) => {
  expect(base64Bytes(text)).toBeUndefined();
});

test("base64Text and base64Bytes undo each other", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.constantFrom(0, 6143, 6144, 12_289), (bytes, more) => {
      const all = new Uint8Array(bytes.length + more);
      all.set(bytes);
      expect(base64Text(all)).toBe(Buffer.from(all).toString("base64"));
      expect(base64Bytes(base64Text(all))).toEqual(all);
    }),
  );
});
