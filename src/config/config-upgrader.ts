/** Upgrading the user's configuration files on their disk. Not pure, like the loader. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { UsageError } from "../base/errors.ts";
import type { ConfigVersion } from "./agent-settings.ts";
import { existingPaths, isThere, readText, surroundings, type LoadOptions } from "./config-loader.ts";
import { defaultPaths, locateConfig, type Surroundings } from "./config-location.ts";
import { replaceFile } from "./replace-file.ts";
import { upgradeConfig, type UpgradedText } from "./upgrade/upgrade-config.ts";

/** Further backups beside a file than these are a sign of something else. */
const MAX_BACKUPS = 100;

export interface UpgradeOptions extends Pick<LoadOptions, "configFlags" | "environment"> {
  /** The version wanted; without it one step further. */
  readonly target: ConfigVersion | undefined;
  /** Move the file to the place of ngrok 3.x, where ginnel looks too. */
  readonly relocates: boolean;
  /** Write nothing. */
  readonly isDryRun: boolean;
}

export interface UpgradedFile extends UpgradedText {
  /** Where it is now. */
  readonly path: string;
  /** Where it was. */
  readonly formerPath: string;
  /** Where the former text is kept; undefined when nothing was written over. */
  readonly backup: string | undefined;
}

/**
 * Upgrades every file that the flags or the environment name, else the default one. All of them are read, and found fit, before any is
 * written. Throws UsageError.
 */
export async function upgradeConfigFiles(options: UpgradeOptions): Promise<readonly UpgradedFile[]> {
  const here = await surroundings(options.environment);
  const location = locateConfig(options.configFlags, here);
  const paths = await existingPaths(location);
  if (paths.length === 0) {
    throw new UsageError(
      `There is no configuration file to upgrade. Looked for:\n${location.paths.join("\n")}\nName another one with --config.`,
    );
  }
  const plans = await Array.fromAsync(paths, async (path) => ({
    path,
    upgraded: upgradeConfig(path, await readText(path), options.target),
    newPath: options.relocates ? await placeFor(path, paths, here) : path,
  }));
  return Array.fromAsync(plans, async ({ path, upgraded, newPath }) => {
    const backup = options.isDryRun ? undefined : await write(upgraded, path, newPath);
    return { ...upgraded, path: newPath, formerPath: path, backup };
  });
}

/** Answers the path of the backup. The former text is safe on disk before anything else happens. */
async function write({ from, to, text }: UpgradedText, path: string, newPath: string): Promise<string | undefined> {
  if (from === to && path === newPath) return undefined;
  const backup = from === to ? undefined : await keepCopy(path, `${path}.v${from}.bak`);
  await replaceFile(newPath, text);
  if (newPath !== path) await rm(path);
  return backup;
}

/** Never over another backup: the next free name is taken. */
async function keepCopy(path: string, wanted: string): Promise<string> {
  const bytes = await readFile(path);
  for (let count = 1; count <= MAX_BACKUPS; count++) {
    const copy = count === 1 ? wanted : `${wanted}.${count}`;
    const reason = await writeFile(copy, bytes, { flag: "wx", mode: 0o600, flush: true }).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
    if (reason === undefined) return copy;
    if (reason.code !== "EEXIST")
      throw new UsageError(`cannot keep a backup at '${copy}': ${reason.message}`, { cause: reason });
  }
  throw new UsageError(`there are ${MAX_BACKUPS} backups of '${path}' already; remove some`);
}

/** A file in one of the two newer default places stays there. */
async function placeFor(path: string, paths: readonly string[], here: Surroundings): Promise<string> {
  if (paths.length > 1) throw new UsageError("--relocate moves one file; name it alone with --config");
  const [own, modern] = defaultPaths(here);
  if (modern === undefined) throw new UsageError("there is no home folder to move the file into");
  if (path === own || path === modern) return path;
  const taken = [own, modern].filter((place) => place !== undefined);
  for (const place of taken) {
    if (await isThere(place)) throw new UsageError(`cannot move '${path}': there is a file at '${place}' already`);
  }
  return modern;
}
