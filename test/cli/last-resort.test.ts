import { expect, test } from "bun:test";
import { join } from "node:path";

const MODULE = join(import.meta.dir, "../../src/cli/last-resort.ts");

/** Faults that the test runner would count as its own, so they happen in a process of theirs. */
const PROGRAM = `
  import { outliveFaults } from ${JSON.stringify(MODULE)};
  const told = [];
  const log = {
    error: (message, { err, stack }) => {
      told.push([message, err.message, stack.includes("at ")]);
      if (told.length === 3) finish();
    },
  };
  const outliving = outliveFaults(log);
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {}, open() { throw new Error("socket"); } } });
  setTimeout(() => { throw new Error("timer"); });
  void Promise.reject(new Error("promise"));
  const visitor = await Bun.connect({ hostname: "127.0.0.1", port: listener.port, socket: { data() {} } });
  function finish() {
    outliving[Symbol.dispose]();
    console.log(JSON.stringify({ told: told.toSorted(), left: process.listenerCount("uncaughtException") }));
    process.exit(0);
  }
`;

test("outliveFaults keeps the process over faults in timers, promises and sockets, and tells each with its stack", async () => {
  const child = Bun.spawn([process.execPath, "--eval", PROGRAM], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 4_000,
  });
  const [output, complaint] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const message = "a fault of ginnel was not caught";
  const told = ["promise", "socket", "timer"].map((fault) => [message, fault, true]);
  expect([await child.exited, complaint]).toEqual([0, ""]);
  expect(JSON.parse(output)).toEqual({ told, left: 0 });
});

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
