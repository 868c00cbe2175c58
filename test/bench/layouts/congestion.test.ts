import { expect, test } from "bun:test";
import { preferredCongestion } from "./congestion.ts";

test.each([
  ["reno cubic\n", "cubic"],
  ["reno bbr cubic\n", "cubic"],
  ["reno bbr\n", "reno"],
])("preferredCongestion among %j is %p", (allowed, expected) => {
  expect(preferredCongestion(allowed)).toBe(expected);
});
