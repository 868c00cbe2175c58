import { expect, test } from "bun:test";
import { contentTypeOfName, contentTypeOfSample } from "../../../../src/agent/upstream/file-server/content-type.ts";

test.each([
  ["a.html", "text/html; charset=utf-8"],
  ["A.HTML", "text/html; charset=utf-8"],
  ["a.css", "text/css; charset=utf-8"],
  ["a.mjs", "text/javascript; charset=utf-8"],
  ["a.json", "application/json"],
  ["a.png", "image/png"],
  ["main.ts", "text/plain; charset=utf-8"],
  ["README.md", "text/markdown; charset=utf-8"],
  ["LICENSE", undefined],
  ["a.constructor", undefined],
])("contentTypeOfName takes %p for %p", (name, expected) => {
  expect(contentTypeOfName(name)).toBe(expected);
});

test.each([
  ["plain words\r\n\twith ä", "text/plain; charset=utf-8"],
  ["", "text/plain; charset=utf-8"],
  ["\x1b[31mred\x1b[0m", "text/plain; charset=utf-8"],
  ["\x7fELF\x00", "application/octet-stream"],
])("contentTypeOfSample takes %j for %p", (text, expected) => {
  expect(contentTypeOfSample(new TextEncoder().encode(text))).toBe(expected);
});
