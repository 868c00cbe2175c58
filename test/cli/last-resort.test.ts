import { expect, test } from "bun:test";
import { join } from "node:path";

const MODULE = join(import.meta.dir, "../../src/cli/last-resort.ts");

/** Faults that the test runner would count as its own, so they happen in a process of theirs. */
const ENDING = `
  import { firstFault } from ${JSON.stringify(MODULE)};
  const logged = [];
  const faults = firstFault({ error: (message, { err, stack }) => logged.push([message, err.message, typeof stack]) }, "a fault");
  const thrown = () => {
    try {
      faults.rethrow();
    } catch ({ message }) {
      return message;
    }
  };
  const before = String(thrown());
  setTimeout(() => {
    setTimeout(() => {
      setTimeout(end);
      void Promise.reject(new Error("second"));
    });
    throw new Error("first");
  });
  function end() {
    faults[Symbol.dispose]();
    const left = process.listenerCount("uncaughtException") + process.listenerCount("unhandledRejection");
    faults.fault.catch(({ message }) => console.log(JSON.stringify({ message, left, before, after: thrown(), logged })));
  }
`;

test("firstFault tells the first fault to who waits or asks, logs every one, and outlives them until disposed of", async () => {
  const child = Bun.spawn([process.execPath, "--eval", ENDING], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, complaint] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  expect([await child.exited, complaint]).toEqual([0, ""]);
  expect(JSON.parse(output)).toEqual({
    message: "first",
    left: 0,
    before: "undefined",
    after: "first",
    logged: [
      ["a fault", "first", "string"],
      ["a fault", "second", "string"],
    ],
  });
});
