/** Processes that may use a share of a processor each and no more, as if each had a slow one of its own. */
import { readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Holder, startHolder } from "../holder.ts";
import { type CpuController, findCpuController, quotaFiles } from "./cpu-controller.ts";

/**
 * Makes the group $2 below $1 for the process $3; then come names of files and what to write there. Ends with its input, also when this process is killed,
 * and takes the group away: with a process in it that cannot be done.
 */
const HOLDER = `
trap '' INT TERM HUP
top=$1 group=$1/$2 pid=$3; shift 3
mkdir "$group" || exit 1
leave() { while read -r one; do echo "$one" >"$top/cgroup.procs"; done <"$group/cgroup.procs"; rmdir "$group"; }
while [ $# -gt 0 ]; do echo "$2" >"$group/$1" || { leave; exit 1; }; shift 2; done
echo "$pid" >"$group/cgroup.procs" || { leave; exit 1; }
echo ready
cat >/dev/null
for try in 1 2 3 4 5 6 7 8 9; do leave 2>/dev/null && exit 0; sleep 0.1; done
leave
`;

/**
 * Holds each of the processes to `share` of a processor until it is disposed of.
 * @throws Error where the kernel offers no control groups for that, or this process may not make them
 */
export async function limitCpu(pids: readonly number[], share: number): Promise<AsyncDisposable> {
  const controller = findCpuController(await readFile("/proc/self/mounts", "utf8"), subtreeControl);
  if (controller === undefined) {
    throw new Error("no quota for processors: it needs control groups with the controller `cpu`, of either version");
  }
  await using undo = new AsyncDisposableStack();
  for (const pid of pids) undo.use(await Group.create(controller, pid, share));
  const kept = undo.move();
  return { [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function subtreeControl(path: string): string {
  return readFileSync(join(path, "cgroup.subtree_control"), "utf8");
}

class Group implements AsyncDisposable {
  readonly #holder: Holder;

  private constructor(holder: Holder) {
    this.#holder = holder;
  }

  static async create(controller: CpuController, pid: number, share: number): Promise<Group> {
    const words = [controller.path, `ginnel-bench-${pid}`, String(pid)];
    const files = Object.entries(quotaFiles(controller, share)).flat();
    const complaint = "no quota for processors, which needs root and control groups that can be written";
    return new Group(await startHolder(["setsid", "sh", "-c", HOLDER, "sh", ...words, ...files], complaint));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder.stdin.end();
    const status = await this.#holder.exited;
    if (status !== 0) throw new Error(`a control group stays behind: ${(await this.#holder.stderr.text()).trim()}`);
  }
}
