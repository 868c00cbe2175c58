/** A network of its own on this machine: network and mount namespaces that live as long as this process, and leave nothing behind. */
import { output } from "../child.ts";
import { type Holder, startHolder } from "../holder.ts";

/** Says so when everything is set, and ends with its input: also when this process is killed. */
const HOLDER = 'mount --bind "$1" /etc/hosts && ip link set lo up && echo ready && exec cat';

export class Namespace implements AsyncDisposable {
  readonly #holder: Holder;

  private constructor(holder: Holder) {
    this.#holder = holder;
  }

  /**
   * `hosts` is its /etc/hosts. Needs root, or a user namespace with its capabilities.
   * @throws Error when the kernel or the rights of this process do not allow namespaces.
   */
  static async create(hosts: string): Promise<Namespace> {
    const command = ["unshare", "--net", "--mount", "sh", "-c", HOLDER, "sh", hosts];
    return new Namespace(await startHolder(command, "no network namespace, which needs root or a user namespace"));
  }

  get pid(): number {
    return this.#holder.pid;
  }

  /** Words in front of a program that is to run inside. It takes their place: they leave no process of their own. */
  get enter(): readonly string[] {
    return ["nsenter", "--target", String(this.pid), "--net", "--mount", `--wd=${process.cwd()}`, "--"];
  }

  /** Runs a program inside to its end, and answers what it wrote. */
  run(...command: readonly string[]): Promise<string> {
    return output(...this.enter, ...command);
  }

  /** `key` as in `net.ipv4.ip_forward`. */
  async set(key: string, value: string): Promise<void> {
    await this.run("sh", "-c", 'echo "$1" >"/proc/sys/$2"', "sh", value, key.replaceAll(".", "/"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder.stdin.end();
    this.#holder.kill();
    await this.#holder.exited;
  }
}
