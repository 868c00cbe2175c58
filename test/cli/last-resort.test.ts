import { expect, test } from "bun:test";
import { join } from "node:path";

const MODULE = join(import.meta.dir, "../../src/cli/last-resort.ts");

/** Faults that the test runner would count as its own, so they happen in a process of theirs. */
const ENDING = `
  import { firstFault } from ${JSON.stringify(MODULE)};
  const faults = firstFault();
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
    faults.fault.catch(({ message }) => console.log(JSON.stringify({ message, left })));
  }
`;

test("firstFault tells the first fault to who waits, and outlives the next ones until disposed of", async () => {
  const child = Bun.spawn([process.execPath, "--eval", ENDING], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, complaint] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  expect([await child.exited, complaint]).toEqual([0, ""]);
  expect(JSON.parse(output)).toEqual({ message: "first", left: 0 });
});
