/** Where the agent's configuration is looked for (reference.md 2.1, clients.md K-005 and X-01). Pure: told about the machine. */
import { posix, win32 } from "node:path";
import { UsageError } from "../base/errors.ts";
import type { Environment } from "./environment.ts";

export interface Surroundings {
  readonly platform: "linux" | "darwin" | "win32";
  readonly environment: Environment;
  /** See {@link chooseHome}; `undefined` when the user has none. */
  readonly home: string | undefined;
  readonly isRoot: boolean;
}

export interface ConfigLocation {
  /** Who named the files: a missing one is an error unless it is `default`. */
  readonly origin: "flag" | "environment" | "default";
  /** For `default`: places of which the first that exists is read, and the first of all is made when none does. */
  readonly paths: readonly string[];
}

/** What is known about homes: `$HOME`, and what the operating system records for the user. */
export interface HomeFacts {
  readonly variable: string | undefined;
  /** Whether the folder that the variable names belongs to the user. */
  readonly isVariableOwned: boolean;
  readonly recorded: string | undefined;
  readonly isSudo: boolean;
}

/** `configFlags` are the values of `--config`, each a path or several with commas between. The same path counts once. */
export function locateConfig(configFlags: readonly string[], surroundings: Surroundings): ConfigLocation {
  const flagged = splitPaths(configFlags);
  if (flagged.length > 0) return { origin: "flag", paths: flagged };
  const { NGROK_CONFIG: theirs, GINNEL_CONFIG: ours } = surroundings.environment;
  const named = splitPaths([theirs || ours || ""]);
  return named.length > 0
    ? { origin: "environment", paths: named }
    : { origin: "default", paths: defaultPaths(surroundings) };
}

/** The user's home: `$HOME` when it is absolute and the user's own, else the record; under sudo always the record. */
export function chooseHome({ variable, isVariableOwned, recorded, isSudo }: HomeFacts): string | undefined {
  const isAbsolute = variable !== undefined && (posix.isAbsolute(variable) || win32.isAbsolute(variable));
  if (isAbsolute && isVariableOwned && !isSudo) return variable;
  // A container may run as a user without any record; then the variable is all there is.
  return recorded ?? (isAbsolute ? variable : undefined);
}

/** Where an edge keeps its state unless told otherwise. Throws UsageError when the user has no home. */
export function defaultDataDir({ platform, environment, home, isRoot }: Surroundings): string {
  const state = environment["XDG_STATE_HOME"];
  if (platform === "linux" && state !== undefined && posix.isAbsolute(state)) return posix.join(state, "ginnel");
  if (platform === "linux" && isRoot) return "/var/lib/ginnel";
  if (home === undefined) throw new UsageError("there is no home folder to keep state in; give --data DIR");
  if (platform === "win32")
    return win32.join(environment["LOCALAPPDATA"] ?? win32.join(home, "AppData", "Local"), "ginnel", "edge");
  return platform === "darwin"
    ? posix.join(home, "Library", "Application Support", "ginnel", "edge")
    : posix.join(home, ".local", "state", "ginnel");
}

/** Paths with commas between them, each once. */
export function splitPaths(values: readonly string[]): readonly string[] {
  return [...new Set(values.flatMap((value) => value.split(",")).filter((path) => path !== ""))];
}

/** ginnel's own place, then that of ngrok 3.x, then that of 2.x; without the latter, or empty, when there is no home. */
export function defaultPaths(surroundings: Surroundings): readonly string[] {
  const { platform, home } = surroundings;
  const { join } = platform === "win32" ? win32 : posix;
  const base = configBase(surroundings);
  const modern = base === undefined ? [] : [join(base, "ginnel", "ginnel.yml"), join(base, "ngrok", "ngrok.yml")];
  return home === undefined ? modern : [...modern, join(home, ".ngrok2", "ngrok.yml")];
}

function configBase({ platform, environment, home }: Surroundings): string | undefined {
  switch (platform) {
    case "linux": {
      const xdg = environment["XDG_CONFIG_HOME"];
      if (xdg !== undefined && posix.isAbsolute(xdg)) return xdg;
      return home === undefined ? undefined : posix.join(home, ".config");
    }
    case "darwin":
      return home === undefined ? undefined : posix.join(home, "Library", "Application Support");
    case "win32": {
      const local = environment["LOCALAPPDATA"] ?? environment["LocalAppData"];
      if (local !== undefined && local !== "") return local;
      return home === undefined ? undefined : win32.join(home, "AppData", "Local");
    }
    default:
      return platform satisfies never;
  }
}
