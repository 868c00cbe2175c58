/** Writing a value into the user's configuration file, whole or not at all. Beside the loader the only part of this room that is not pure. */
import type { Stats } from "node:fs";
import { mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UsageError } from "../base/errors.ts";
import { existingPaths, isThere, readText, surroundings, type LoadOptions } from "./config-loader.ts";
import { locateConfig } from "./config-location.ts";
import { setInConfig, type WritableSetting } from "./config-writer.ts";

/**
 * Sets one value in the file that the flags or the environment name (the last of several), else in the default file that exists, else
 * in ginnel's own. Answers its path once the file is complete on disk. Throws UsageError.
 */
export async function saveSetting(
  { configFlags, environment }: Pick<LoadOptions, "configFlags" | "environment">,
  setting: WritableSetting,
  value: string,
): Promise<string> {
  const location = locateConfig(configFlags, await surroundings(environment));
  const existing = location.origin === "default" ? (await existingPaths(location))[0] : location.paths.at(-1);
  const path = existing ?? location.paths[0];
  if (path === undefined)
    throw new UsageError("there is no home folder to keep a configuration file in; name one with --config");
  const text = (await isThere(path)) ? await readText(path) : "";
  await replaceFile(path, setInConfig(path, text, setting, value));
  return path;
}

/** Whole or not at all: readers see the old file or the new one. It stays its owner's, and readable for nobody else. */
async function replaceFile(path: string, text: string): Promise<void> {
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
    throw new UsageError(`Error writing configuration file '${path}': ${reason}`, { cause: error });
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
