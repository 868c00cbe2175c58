/** A program that holds something for as long as its input is open, so that it ends with this process, also when that is killed. */
export type Holder = Bun.Subprocess<"pipe", "pipe", "pipe">;

/**
 * Resolves when the program says that everything is set.
 * @throws Error with `complaint` and what the program wrote, when it ends before
 */
export async function startHolder(command: readonly string[], complaint: string): Promise<Holder> {
  const holder = Bun.spawn([...command], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  const first = await holder.stdout.getReader().read();
  if (!first.done) return holder;
  await holder.exited;
  throw new Error(`${complaint}: ${(await holder.stderr.text()).trim()}`);
}
