import { expect, test } from "bun:test";
import { isOwnPath, programName } from "../../src/cli/program-name.ts";

test.each([
  ["ngrok", "ngrok"],
  ["./ngrok", "ngrok"],
  ["/home/u/.config/ngrok/ngrok", "ngrok"],
  ["C:\\bin\\NGROK.EXE", "ngrok"],
  ["ginnel", "ginnel"],
  ["/opt/ngrok/ginnel", "ginnel"],
  ["bun", "ginnel"],
  ["", "ginnel"],
] as const)("programName takes %j for %s", (word, name) => {
  expect(programName(word)).toBe(name);
});

test.each([
  ["/home/u/ngrok", true],
  ["C:\\bin\\ngrok.exe", true],
  ["/usr/local/bin/ginnel", true],
  ["ngrok", false],
  ["./ngrok", false],
  ["/home/u/ngrok.yml", false],
  ["http", false],
])("isOwnPath of %j is %p", (word, isOwn) => {
  expect(isOwnPath(word)).toBe(isOwn);
});
