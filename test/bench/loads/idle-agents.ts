/** Agents that have a tunnel each and nothing to do, in a process of their own. */
import { join } from "node:path";
import type { Place } from "../place.ts";
import { BASE_NAME } from "../public-name.ts";
import type { Admission } from "../system.ts";

const PROGRAM = join(import.meta.dir, "idle-agents-program.ts");

export class IdleAgents implements AsyncDisposable {
  readonly #process: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #said: AsyncIterator<Uint8Array>;

  constructor({ authtoken, caPath, port }: Admission, { enter }: Place) {
    const command = [process.execPath, "--no-env-file", PROGRAM, BASE_NAME, String(port), caPath];
    this.#process = Bun.spawn([...enter, ...command], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
      env: { ...process.env, GINNEL_AUTHTOKEN: authtoken },
    });
    this.#said = this.#process.stdout[Symbol.asyncIterator]();
  }

  /** Resolves when so many more are online. */
  async add(count: number): Promise<void> {
    await this.#process.stdin.write(`${count}\n`);
    await this.#process.stdin.flush();
    if ((await this.#said.next()).done === true) throw new Error("the idle agents have ended; see above");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
    await this.#process.exited;
  }
}
