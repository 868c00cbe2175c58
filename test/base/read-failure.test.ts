import { expect, test } from "bun:test";
import { readFailure } from "../../src/base/read-failure.ts";

test.each([
  ["ENOENT", "there is no such file"],
  ["ENOTDIR", "what its path calls a folder is none"],
  ["EACCES", "this user may not read it"],
  ["EPERM", "this user may not read it"],
  ["EISDIR", "it is a folder"],
  ["EIO", "it cannot be read (EIO)"],
])("readFailure puts %s into words", (code, text) => {
  expect(readFailure(Object.assign(new Error("x"), { code }))).toBe(text);
});

test("readFailure shows what it does not know", () => {
  expect(readFailure("odd")).toBe("it cannot be read (odd)");
});
