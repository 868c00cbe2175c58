import { describe, expect, test } from "bun:test";
import { applyChanges, changedFields, headerChanges, parseHeaderLine } from "../../src/policy/header-changes.ts";
import { HeadEdits } from "../../src/protocol/http1/head-edits.ts";
import { linesOf, requestHead } from "../support/http-heads.ts";

test("applyChanges removes first, appends what is added, and replaces Host", () => {
  const head = requestHead("GET / HTTP/1.1", "Host: app.test", "X-A: 1", "x-a: 2", "X-B: 1");
  const edits = new HeadEdits();
  applyChanges(
    headerChanges(
      ["x-A"],
      [
        ["X-A", "new"],
        ["X-B", "2"],
        ["host", "other.test"],
        ["X-U", "ü"],
      ],
    ),
    edits,
  );
  expect(linesOf(edits.applyTo(head))).toEqual([
    "GET / HTTP/1.1",
    "Host: other.test",
    "X-B: 1",
    "x-A: new",
    "X-B: 2",
    "X-U: Ã¼",
  ]);
});

test("changedFields changes fields of our own", () => {
  const changes = headerChanges(["x-a"], [["X-C", "3"]]);
  expect(
    changedFields(changes, [
      ["X-A", "1"],
      ["X-B", "2"],
    ]),
  ).toEqual([
    ["X-B", "2"],
    ["X-C", "3"],
  ]);
});

describe("headerChanges", () => {
  test.each(["Connection", "content-length", "Transfer-Encoding", "upgrade", "User-Agent", "ngrok-error-code"])(
    "headerChanges refuses %s",
    (name) => {
      expect(() => headerChanges([], [[name, "x"]])).toThrow(expect.objectContaining({ code: "ERR_NGROK_2211" }));
      expect(() => headerChanges([name], [])).toThrow(expect.objectContaining({ code: "ERR_NGROK_2211" }));
    },
  );

  test.each([
    ["no token", ["a b"], [], "ERR_NGROK_2209"],
    ["an empty name", [], [["", "x"]], "ERR_NGROK_2209"],
    ["a line end in a value", [], [["x", "a\r\nb: c"]], "ERR_NGROK_2212"],
    ["the removal of Host", ["HOST"], [], "ERR_NGROK_2211"],
    ["eleven names", Array.from({ length: 11 }, (_, i) => `x-${i}`), [], "ERR_NGROK_2208"],
  ] as const)("headerChanges refuses %s", (_, removed, added, code) => {
    expect(() => headerChanges(removed, added)).toThrow(expect.objectContaining({ code }));
  });
});

test("parseHeaderLine splits at the first colon", () => {
  expect(parseHeaderLine("X-Time: 10:30")).toEqual(["X-Time", "10:30"]);
  expect(parseHeaderLine("X-Empty:")).toEqual(["X-Empty", ""]);
  expect(() => parseHeaderLine("no colon")).toThrow(expect.objectContaining({ code: "ERR_NGROK_2209" }));
});
