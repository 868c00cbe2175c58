/** What processes have used, from /proc, with everything they started. */
import { readdir, readFile } from "node:fs/promises";

/** Clock ticks of /proc/PID/stat per second; the same on every Linux. */
const TICKS_PER_SECOND = 100;

/** CPU time so far, user and system. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  const ticks = await Promise.all((await withDescendants(pids)).map(cpuTicks));
  return sum(ticks) / TICKS_PER_SECOND;
}

/** Proportional set size: a page shared by n processes counts 1/n for each. */
export async function memoryBytes(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all((await withDescendants(pids)).map(pssBytes));
  return sum(sizes);
}

/** These processes and everything that they have started and what that has, which is still there. */
export async function withDescendants(pids: readonly number[]): Promise<readonly number[]> {
  const below = await Promise.all(pids.map(async (pid) => await withDescendants(await childrenOf(pid))));
  return [...pids, ...below.flat()];
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(threads.map((thread) => textOf(`/proc/${pid}/task/${thread}/children`)));
  return lists.join(" ").split(" ").filter(Boolean).map(Number);
}

async function cpuTicks(pid: number): Promise<number> {
  // The name of the program, in parentheses, may hold anything; fields are counted behind it.
  const fields = (await textOf(`/proc/${pid}/stat`)).replace(/^.*\) /s, "").split(" ");
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

async function pssBytes(pid: number): Promise<number> {
  const line = /^Pss: +(\d+) kB$/m.exec(await textOf(`/proc/${pid}/smaps_rollup`));
  return Number(line?.[1] ?? 0) * 1024;
}

/** Empty for a process that has ended. */
async function textOf(path: string): Promise<string> {
  return await readFile(path, "utf8").catch(() => "");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
