import { expect, test } from "bun:test";
import { cpuSeconds, memoryBytes } from "./process-usage.ts";

/** A shell that only waits, for a child of its own that computes, says so, and ends when its input does. */
const SCRIPT = `exec 3<&0
sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo done; read line <&3' &
wait`;

test("cpuSeconds and memoryBytes count what a process has started", async () => {
  const child = Bun.spawn(["sh", "-c", SCRIPT], { stdin: "pipe", stdout: "pipe" });
  await child.stdout.getReader().read();
  expect(await cpuSeconds([child.pid])).toBeGreaterThan(0.05);
  expect(await memoryBytes([child.pid])).toBeGreaterThan(0);
  await child.stdin.end();
  await child.exited;
});

test("cpuSeconds and memoryBytes count nothing for a process that has ended", async () => {
  const child = Bun.spawn(["true"]);
  await child.exited;
  expect(await cpuSeconds([child.pid])).toBe(0);
  expect(await memoryBytes([child.pid])).toBe(0);
});
