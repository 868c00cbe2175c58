import { expect, test } from "bun:test";
import { shownUpstream } from "../../../src/edge/binding/shown-upstream.ts";

test.each([
  ["", ""],
  ["http://localhost:8080", "http://localhost:8080"],
  ["app://host/<unknown>?pid=1", "app://host/<unknown>?pid=1"],
  ["http://user:pass@localhost:8080/a@b", "http://localhost:8080/a@b"],
  ["http://user:p@ss@localhost", "http://localhost"],
  ["a\r\nb\0c", "a b c"],
  ["x".repeat(1_000_000), `${"x".repeat(300)}…`],
])("shownUpstream", (said, shown) => {
  expect(shownUpstream(said)).toBe(shown);
});
