/** Putting a text in the place of a user's file, whole or not at all. */
import type { Stats } from "node:fs";
import { mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UsageError } from "../base/errors.ts";

/**
 * Whole or not at all: readers see the old file or the new one. It stays its owner's, and readable for nobody else. Throws UsageError
 * naming the path.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const target = await realpath(path).catch(() => path); // a link stays one
    const entry = await stat(target).catch(() => undefined);
    if (entry !== undefined && !entry.isFile()) throw new UsageError("it is not a regular file");
    const draft = join(dirname(target), `.ginnel-${process.pid}-${crypto.randomUUID()}.tmp`);
    try {
      await writeThrough(draft, text, entry);
      await rename(draft, target);
    } finally {
      await rm(draft, { force: true });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Error writing configuration file '${path}': ${reason}; --config names another`, {
      cause: error,
    });
  }
}

async function writeThrough(path: string, text: string, former: Stats | undefined): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    // Root sets a value in the file of a user or a service, who must be able to read it afterwards.
    if (former !== undefined && process.getuid?.() === 0) await file.chown(former.uid, former.gid);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
