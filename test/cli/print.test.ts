import { expect, test } from "bun:test";
import { Writable } from "node:stream";
import { UsageError } from "../../src/base/errors.ts";
import { printTo } from "../../src/cli/print.ts";

function failing(code: string): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) });
}

test("printTo settles when the text is written", async () => {
  const written: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => setImmediate(() => (written.push(String(chunk)), done())),
  });
  await printTo(stream)("text");
  expect(written).toEqual(["text"]);
});

test("printTo does not mind a reader that went away, and tells the user of every other failure", async () => {
  await printTo(failing("EPIPE"))("text");
  const told = printTo(failing("ENOSPC"))("text");
  expect(told).rejects.toBeInstanceOf(UsageError);
  expect(told).rejects.toThrow("cannot write the output: ENOSPC");
});
