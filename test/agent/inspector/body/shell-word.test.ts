import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { latin1Bytes } from "../../../../src/agent/inspector/body/raw-message.ts";
import { fitsShellWord, shellWord } from "../../../../src/agent/inspector/body/shell-word.ts";

/** What a shell makes of the words, each as bytes. */
function wordsOf(shell: string, words: readonly string[]): Uint8Array[] {
  const { stdout, exitCode } = Bun.spawnSync([shell, "-c", `printf '%s\\000' ${words.join(" ")}`], { env: {} });
  expect(exitCode).toBe(0);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < stdout.length;) {
    const end = stdout.indexOf(0, at);
    pieces.push(new Uint8Array(stdout.subarray(at, end)));
    at = end + 1;
  }
  return pieces;
}

const SAMPLES = [
  "",
  "plain",
  "-x",
  "-\x7f",
  "two words",
  "it's",
  "'",
  "''",
  '"$HOME" `id` $(id) \\ ! # ~ * ? [a] {b,c} ; & | < >',
  "line\nbreak\n",
  "tab\there",
  "caf\xc3\xa9",
  "caf\xe9",
  "%s%d %%",
  "\\033\\n",
  "\x1b]0;title\x07",
  "\x01\x7f\x80\xff",
  "\xe2\x80\xaegnp.exe",
];

describe("shellWord", () => {
  test.each([
    ["plain-1.2", "plain-1.2"],
    ["two words", "'two words'"],
    ["it's", String.raw`'it'\''s'`],
    ["", "''"],
    ["\x1b'\\%", String.raw`"$(printf '\033\047\134%%')"`],
  ])("shellWord writes %j as %s", (latin1Text, word) => {
    expect(shellWord(latin1Bytes(latin1Text))).toBe(word);
  });

  test.each(["sh", "bash"])("shellWord comes out of %s as it went in", (shell) => {
    const bytes = SAMPLES.map(latin1Bytes);
    expect(wordsOf(shell, bytes.map(shellWord))).toEqual(bytes);
  });

  test("shellWord comes out of a shell as it went in, whatever the bytes", () => {
    const octet = fc.oneof(fc.integer({ min: 1, max: 255 }), fc.constantFrom(39, 92, 37, 34, 36, 96, 32));
    const word = fc.uint8Array({ maxLength: 12 }).map((bytes) => bytes.map((byte) => byte || 39));
    const spiced = fc.array(octet, { maxLength: 12 }).map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(fc.array(fc.oneof(word, spiced), { minLength: 40, maxLength: 40 }), (all) => {
        // A line break at the end of what printf makes is lost; only the caller's words of text may have one.
        const usable = all.filter((bytes) => fitsShellWord(bytes) || bytes.at(-1) !== 10);
        expect(wordsOf("sh", usable.map(shellWord))).toEqual(usable);
      }),
      { numRuns: process.env["DEEP"] === "1" ? 150 : 10 },
    );
  });

  test("shellWord lets nothing through that a terminal would obey", () => {
    for (const word of SAMPLES.map((sample) => shellWord(latin1Bytes(sample))))
      expect(word).toMatch(/^[^\p{Cc}\p{Cf}]*$|\n/u);
  });

  test("fitsShellWord tells text that can be seen from everything else", () => {
    expect(
      ["a b", "é", "a\nb", "a\tb", "\0", "\x1b"].map((text) => fitsShellWord(new TextEncoder().encode(text))),
    ).toEqual([true, true, true, false, false, false]);
  });
});
