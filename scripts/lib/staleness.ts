/** Whether a compiled executable is older than what it was compiled from. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const SOURCES = ["src", "scripts/lib", "package-lock.json"];

/** Also true when there is no executable. */
export async function isStale(executable: string, root: string): Promise<boolean> {
  const built = await stat(executable).catch(() => undefined);
  if (built === undefined) return true;
  const times = await Promise.all(SOURCES.map((source) => newestMs(join(root, source))));
  return Math.max(...times) >= built.mtimeMs;
}

async function newestMs(path: string): Promise<number> {
  const facts = await stat(path);
  if (!facts.isDirectory()) return facts.mtimeMs;
  const below = await Promise.all((await readdir(path)).map((name) => newestMs(join(path, name))));
  return Math.max(facts.mtimeMs, ...below); // the time of a folder tells of files that were removed
}
