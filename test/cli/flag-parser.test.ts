import { expect, test } from "bun:test";
import { readFlagWord } from "../../src/cli/flag-parser.ts";

test.each([
  ["--name", { name: "name", value: undefined, isLetter: false }],
  ["-name", { name: "name", value: undefined, isLetter: false }],
  ["--name=v", { name: "name", value: "v", isLetter: false }],
  ["-name=", { name: "name", value: "", isLetter: false }],
  ["--name=a=b\nc", { name: "name", value: "a=b\nc", isLetter: false }],
  ["-h", { name: "h", value: undefined, isLetter: true }],
  ["--h", { name: "h", value: undefined, isLetter: false }],
  ["-h=false", { name: "h", value: "false", isLetter: true }],
  ["--a-b", { name: "a-b", value: undefined, isLetter: false }],
  ["", undefined],
  ["-", undefined],
  ["--", undefined],
  ["80", undefined],
  ["a=b", undefined],
  ["--=x", undefined],
  ["---x", undefined],
])("readFlagWord reads %j", (word, flag) => {
  expect(readFlagWord(word)).toEqual(flag);
});
