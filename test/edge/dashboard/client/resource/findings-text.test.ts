import { expect, test } from "bun:test";
import { findingsText } from "../../../../../src/edge/dashboard/client/resource/findings-text.ts";

const FINDINGS = { matches: 3, drawn: 3, records: 1_200, hasOlder: false, isReading: false };

test.each([
  ["3 of 1,200", {}],
  ["None of 1,200", { matches: 0, drawn: 0 }],
  ["3 of the newest 1,200", { hasOlder: true }],
  ["1,100 of 1,200, the newest 100 are shown", { matches: 1_100, drawn: 100 }],
  ["Searching …", { isReading: true }],
])("findingsText says %p", (text, more) => {
  expect(findingsText({ ...FINDINGS, ...more })).toBe(text);
});
