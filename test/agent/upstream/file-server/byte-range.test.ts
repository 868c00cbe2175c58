import { expect, test } from "bun:test";
import { parseByteRange } from "../../../../src/agent/upstream/file-server/byte-range.ts";

test.each([
  [undefined, 10, "whole"],
  ["bytes=0-0", 10, { first: 0, last: 0 }],
  ["bytes=2-5", 10, { first: 2, last: 5 }],
  ["bytes=2-", 10, { first: 2, last: 9 }],
  ["bytes=2-99", 10, { first: 2, last: 9 }],
  ["bytes=-3", 10, { first: 7, last: 9 }],
  ["bytes=-99", 10, { first: 0, last: 9 }],
  ["BYTES=1-2", 10, { first: 1, last: 2 }],
  ["bytes=10-", 10, "unsatisfiable"],
  ["bytes=99999999999999999999-", 10, "unsatisfiable"],
  ["bytes=0-", 0, "unsatisfiable"],
  ["bytes=-0", 10, "unsatisfiable"],
  ["bytes=-1", 0, "unsatisfiable"],
  ["bytes=5-2", 10, "whole"],
  ["bytes=0-1,3-4", 10, "whole"],
  ["bytes=-", 10, "whole"],
  ["bytes=a-b", 10, "whole"],
  ["lines=1-2", 10, "whole"],
] as const)("parseByteRange reads %p of %p bytes", (field, sizeBytes, expected) => {
  expect(parseByteRange(field, sizeBytes)).toEqual(expected);
});
