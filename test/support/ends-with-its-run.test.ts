import { expect, test } from "bun:test";
import { ENDS_WITH_ITS_RUN } from "./ends-with-its-run.ts";

/** Starts a process that would never end, whose output is its own, and dies as soon as that one lives. */
const RUN = `
  const never = "setInterval(() => {}, 1000); console.log(process.pid)";
  const child = Bun.spawn([process.execPath, ...${JSON.stringify(ENDS_WITH_ITS_RUN)}, "-e", never], { stdout: "pipe", stderr: "inherit" });
  const lines = child.stdout.getReader();
  console.log(new TextDecoder().decode((await lines.read()).value).trim());
  process.kill(process.pid, "SIGKILL");
`;

test("a process that ends with its run is gone when the run was killed", async () => {
  await using run = Bun.spawn([process.execPath, "-e", RUN], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const output = run.stdout.text();
  // The child has the same stderr, so this ends when both have.
  expect(await run.stderr.text()).toBe("");
  await run.exited;
  expect([await output, run.signalCode]).toEqual([expect.stringMatching(/^\d+\n$/), "SIGKILL"]);
});
