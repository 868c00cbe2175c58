/** The most memory that processes had at a time, from Linux's own count: no moment is missed. */
import { readFile, writeFile } from "node:fs/promises";

/** Makes the peak begin anew (proc(5): 5 written to clear_refs) and answers how far above its start each process's rises. */
export async function watchPeakMemory(pids: readonly number[]): Promise<() => Promise<readonly number[]>> {
  const watched = await Promise.all(
    pids.map(async (pid) => {
      await writeFile(`/proc/${pid}/clear_refs`, "5");
      return { pid, startBytes: await peakBytes(pid) };
    }),
  );
  return () => Promise.all(watched.map(async ({ pid, startBytes }) => (await peakBytes(pid)) - startBytes));
}

async function peakBytes(pid: number): Promise<number> {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1]) * 1024;
}
