/** Writing a value into the user's configuration file, whole or not at all. Not pure, like the loader. */
import { UsageError } from "../base/errors.ts";
import { existingPaths, isThere, readText, surroundings, type LoadOptions } from "./config-loader.ts";
import { locateConfig } from "./config-location.ts";
import { setInConfig, type WritableSetting } from "./config-writer.ts";
import { replaceFile } from "./replace-file.ts";

/**
 * Sets one value in the file that the flags or the environment name (the last of several), else in the default file that exists, else
 * in ginnel's own. Answers its path once the file is complete on disk. Throws UsageError.
 */
export async function saveSetting(
  { configFlags, environment }: Pick<LoadOptions, "configFlags" | "environment">,
  setting: WritableSetting,
  value: string,
): Promise<string> {
  const path = await writablePath({ configFlags, environment });
  const text = (await isThere(path)) ? await readText(path) : "";
  await replaceFile(path, setInConfig(path, text, setting, value));
  return path;
}

/** The one file that commands write to, whether it exists or not: see {@link saveSetting}. Throws UsageError when there is no place. */
export async function writablePath({
  configFlags,
  environment,
}: Pick<LoadOptions, "configFlags" | "environment">): Promise<string> {
  const location = locateConfig(configFlags, await surroundings(environment));
  const existing = location.origin === "default" ? (await existingPaths(location))[0] : location.paths.at(-1);
  const path = existing ?? location.paths[0];
  if (path !== undefined) return path;
  throw new UsageError("there is no home folder to keep a configuration file in; name one with --config");
}
