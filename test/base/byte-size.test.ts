import { expect, test } from "bun:test";
import { parseByteSize } from "../../src/base/byte-size.ts";

test.each([
  ["0", 0],
  ["50000000", 50_000_000],
  ["50MB", 50_000_000],
  ["64KiB", 65_536],
  ["1.5 GB", 1_500_000_000],
  ["2k", 2000],
  ["7B", 7],
] as const)("parseByteSize reads %s", (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});

test.each(["", "-1", "MB", "1 TB", "1e3", "1,000", "99999999999999999999"])("parseByteSize refuses %p", (text) => {
  expect(parseByteSize(text)).toBeUndefined();
});
