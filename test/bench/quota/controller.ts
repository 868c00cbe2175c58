/** Which control groups the kernel offers, of either version, to hold processes to a part of what there is; pure. */

export interface Controller {
  /** The group at the top, below which others are made. */
  readonly path: string;
  readonly version: 1 | 2;
}

/**
 * Of `cpu`, `memory` and the like. `mounts` is /proc/self/mounts. Of version 2 only what already lets groups below have the controller (`subtreeControl` reads
 * that file of a group): to change it would be to change the machine.
 */
export function findController(
  name: string,
  mounts: string,
  subtreeControl: (path: string) => string,
): Controller | undefined {
  for (const line of mounts.split("\n")) {
    const [, path = "", kind, options = ""] = line.split(" ");
    if (kind === "cgroup" && options.split(",").includes(name)) return { path, version: 1 };
    if (kind === "cgroup2" && subtreeControl(path).trim().split(" ").includes(name)) return { path, version: 2 };
  }
  return undefined;
}
