/** A control group of its own for a process or several, which vanishes with whoever made it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Holder, startHolder } from "../holder.ts";
import { type Controller, findController } from "./controller.ts";

/**
 * Makes the group $2 below $1 for the process $3, or for whoever enters it later; then come names of files and what to write there. Ends with its input, also when this process is killed,
 * and takes the group away: with a process in it that cannot be done.
 */
const HOLDER = `
trap '' INT TERM HUP
top=$1 group=$1/$2 pid=$3; shift 3
mkdir "$group" || exit 1
leave() { while read -r one; do echo "$one" >"$top/cgroup.procs"; done <"$group/cgroup.procs"; rmdir "$group"; }
while [ $# -gt 0 ]; do echo "$2" >"$group/$1" || { leave; exit 1; }; shift 2; done
[ -z "$pid" ] || echo "$pid" >"$group/cgroup.procs" || { leave; exit 1; }
echo ready
cat >/dev/null
for try in 1 2 3 4 5 6 7 8 9; do leave 2>/dev/null && exit 0; sleep 0.1; done
leave
`;

export interface ControlGroupOptions {
  readonly controller: Controller;
  /** Below the group at the top; nobody else's. */
  readonly name: string;
  /** Texts by name of the group's file. */
  readonly files: Readonly<Record<string, string>>;
  /** Who is put into it; absent: nobody yet. */
  readonly pid?: number;
}

export class ControlGroup implements AsyncDisposable {
  readonly path: string;
  readonly #holder: Holder;

  private constructor(path: string, holder: Holder) {
    this.path = path;
    this.#holder = holder;
  }

  /** @throws Error where this process may not make it */
  static async create({ controller, name, files, pid }: ControlGroupOptions): Promise<ControlGroup> {
    const words = [controller.path, name, String(pid ?? ""), ...Object.entries(files).flat()];
    const complaint = "no control group, which needs root and a file system of groups that can be written";
    const holder = await startHolder(["setsid", "sh", "-c", HOLDER, "sh", ...words], complaint);
    return new ControlGroup(join(controller.path, name), holder);
  }

  /** Who is still in it goes on at the top. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder.stdin.end();
    const status = await this.#holder.exited;
    if (status !== 0) throw new Error(`a control group stays behind: ${(await this.#holder.stderr.text()).trim()}`);
  }
}

/** @throws Error where the kernel offers no control groups for that */
export function controllerOf(name: string): Controller {
  const found = findController(name, readFileSync("/proc/self/mounts", "utf8"), subtreeControl);
  if (found !== undefined) return found;
  throw new Error(`it needs control groups with the controller \`${name}\`, of either version`);
}

function subtreeControl(path: string): string {
  return readFileSync(join(path, "cgroup.subtree_control"), "utf8");
}
