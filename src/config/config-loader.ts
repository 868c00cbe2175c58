/** Where configuration meets the disk, the environment and the user's home: the one part of this room that is not pure. */
import { readFile, realpath, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { UsageError } from "../base/errors.ts";
import { readFailure } from "../base/read-failure.ts";
import { hashToken } from "../model/access-token.ts";
import { buildAgentConfig, type AgentConfig } from "./agent-config.ts";
import { readAgentFile } from "./agent-file.ts";
import type { AgentSettings } from "./agent-settings.ts";
import { chooseHome, locateConfig, splitPaths, type ConfigLocation, type Surroundings } from "./config-location.ts";
import { buildEdgeConfig, edgeDataDir, edgeStore, type EdgeConfig, type StoreSettings } from "./edge-config.ts";
import {
  edgeLayerOfEnvironment,
  edgeLayerOfFlags,
  parseTokenFile,
  readEdgeFile,
  type EdgeLayer,
} from "./edge-layer.ts";
import { settingsOfEnvironment, type Environment } from "./environment.ts";

/** Far above any real file, and small enough to parse at once. */
export const MAX_CONFIG_BYTES = 4_000_000;

export interface LoadOptions {
  /** Values of `--config`. */
  readonly configFlags: readonly string[];
  readonly environment: Environment;
  /** What the other flags set, see settingsOfFlags. */
  readonly flags: AgentSettings;
}

export interface LoadedAgentConfig {
  readonly config: AgentConfig;
  readonly location: ConfigLocation;
}

/** Reads the configuration files and joins them with environment and flags. Throws UsageError. */
export async function loadAgentConfig({ configFlags, environment, flags }: LoadOptions): Promise<LoadedAgentConfig> {
  const location = locateConfig(configFlags, await surroundings(environment));
  const paths = await existingPaths(location);
  // One after the other, so that of several mistakes it is always the first that is told.
  const files = await Array.fromAsync(paths, async (path) => ({
    path,
    settings: readAgentFile(path, await readText(path)),
  }));
  const sources = { files, environment: settingsOfEnvironment(environment), flags };
  return { config: buildAgentConfig({ ...sources, variables: environment }), location };
}

export interface EdgeLoadOptions {
  /** Values of `--config`; without them `GINNEL_CONFIG` counts, and there is no default place. */
  readonly configFlags: readonly string[];
  readonly environment: Environment;
  /** The other flags by name, each with its values. */
  readonly flags: Readonly<Record<string, readonly string[]>>;
}

/** Reads the edge's files, with the tokens of its authtoken file, and joins them with environment and flags. Throws UsageError. */
export async function loadEdgeConfig(options: EdgeLoadOptions): Promise<EdgeConfig> {
  const config = buildEdgeConfig(await edgeLayers(options), await surroundings(options.environment));
  if (config.authtokenFile === undefined) return config;
  const further = parseTokenFile(config.authtokenFile, await readText(config.authtokenFile, "authtoken file"));
  // As it is while somebody writes it anew, or when a disk was full: taken at its word it would send every agent away.
  if (further.length === 0)
    throw new UsageError(
      `the authtoken file '${config.authtokenFile}' holds no token; write one a line, or leave authtoken-file out`,
    );
  return { ...config, tokenHashes: [...config.tokenHashes, ...further.map(hashToken)] };
}

/** Where the edge of this configuration keeps its state. Throws UsageError. */
export async function loadEdgeDataDir(options: EdgeLoadOptions): Promise<string> {
  return edgeDataDir(await edgeLayers(options), await surroundings(options.environment));
}

/** Where the edge of this configuration keeps its records. Throws UsageError. */
export async function loadEdgeStore(options: EdgeLoadOptions): Promise<StoreSettings> {
  return edgeStore(await edgeLayers(options), await surroundings(options.environment));
}

async function edgeLayers({ configFlags, environment, flags }: EdgeLoadOptions): Promise<readonly EdgeLayer[]> {
  const paths = await distinctFiles(
    splitPaths(configFlags.length > 0 ? configFlags : [environment["GINNEL_CONFIG"] ?? ""]),
  );
  const files = await Array.fromAsync(paths, async (path) => readEdgeFile(path, await readText(path)));
  return [...files, edgeLayerOfEnvironment(environment), edgeLayerOfFlags(flags)];
}

/** What this process knows about its machine and user. */
export async function surroundings(environment: Environment): Promise<Surroundings> {
  const platform = process.platform === "win32" || process.platform === "darwin" ? process.platform : "linux";
  const variable = environment["HOME"] || (platform === "win32" ? environment["USERPROFILE"] : undefined);
  const home = chooseHome({
    variable,
    isVariableOwned: variable !== undefined && (await isOwned(variable)),
    recorded: recordedHome(),
    isSudo: (environment["SUDO_UID"] ?? "") !== "",
  });
  return { platform, environment, home, isRoot: process.geteuid?.() === 0 };
}

/** Files that were named must exist, which reading finds out; of the default places the first that exists is taken. */
export async function existingPaths({ origin, paths }: ConfigLocation): Promise<readonly string[]> {
  if (origin !== "default") return distinctFiles(paths);
  const there = await Promise.all(paths.map(isThere));
  return paths.filter((_, index) => there[index]).slice(0, 1);
}

/** The same file under two names (a link, `./a` beside `a`) counts once. */
async function distinctFiles(paths: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(paths.map((path) => realpath(path).catch(() => path)));
  return paths.filter((_, index) => real.indexOf(real[index] ?? "") === index);
}

/** The text of a file that the user named; `what` it is to them. Throws UsageError naming it when it cannot be read. */
export async function readText(path: string, what = "configuration file"): Promise<string> {
  const unreadable = (reason: string, cause?: unknown): UsageError =>
    new UsageError(`Error reading ${what} '${path}': ${reason}`, { cause });
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(`${readFailure(cause)}; give the path of one that can be read`, cause);
  });
  if (bytes.length > MAX_CONFIG_BYTES)
    throw unreadable(`it has more than ${MAX_CONFIG_BYTES} bytes; give the path of the right file`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw unreadable("it is no text in UTF-8; give the path of the right file", cause);
  }
}

/** Whether a path leads to something that can be read as a file. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => !entry.isDirectory(),
    () => false,
  );
}

async function isOwned(folder: string): Promise<boolean> {
  const owner = process.getuid?.();
  return stat(folder).then(
    (entry) => owner === undefined || entry.uid === owner,
    () => false,
  );
}

/** Throws for users that the system has no record of, as in containers with an arbitrary user id. */
function recordedHome(): string | undefined {
  try {
    return userInfo().homedir || undefined;
  } catch {
    return undefined;
  }
}
