/** A control group whose processes may have so much memory together: the kernel kills the one that takes more. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { randomHex } from "../../src/base/random.ts";
import { ControlGroup, controllerOf } from "../bench/quota/control-group.ts";

/** Nothing is put elsewhere instead. */
const FILES = {
  1: { limit: "memory.limit_in_bytes", others: { "memory.swappiness": "0" }, events: "memory.oom_control" },
  2: { limit: "memory.max", others: { "memory.swap.max": "0" }, events: "memory.events" },
} as const;

export class LimitedMemory implements AsyncDisposable {
  readonly #group: ControlGroup;
  readonly #eventsFile: string;

  private constructor(group: ControlGroup, eventsFile: string) {
    this.#group = group;
    this.#eventsFile = join(group.path, eventsFile);
  }

  /** @throws Error where this process may not make control groups, as root may */
  static async create(limitBytes: number): Promise<LimitedMemory> {
    const controller = controllerOf("memory");
    const { limit, others, events } = FILES[controller.version];
    const files = { [limit]: String(limitBytes), ...others };
    const name = `ginnel-test-${randomHex(8)}`;
    return new LimitedMemory(await ControlGroup.create({ controller, name, files }), events);
  }

  /** Words in front of a program that is to live in it. */
  get enter(): readonly string[] {
    return ["sh", "-c", 'echo $$ >"$0" && exec "$@"', join(this.#group.path, "cgroup.procs")];
  }

  /** How many of its processes the kernel has killed. */
  get kills(): number {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(this.#eventsFile, "utf8"))?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#group[Symbol.asyncDispose]();
  }
}
