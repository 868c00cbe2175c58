/** Our program as a process of its own, with everything that others can learn of it: what it prints, and its arguments. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ENDS_WITH_ITS_RUN } from "./ends-with-its-run.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
/** For a process to start and to say something, on a machine that is busy. */
const PATIENCE_MS = 30_000;

export interface WatchedOptions {
  /** Working folder and home. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class WatchedProgram implements AsyncDisposable {
  readonly pid: number;
  /** As every user of the machine can read them. */
  readonly commandLine: string;
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #hasEnded: Promise<void>;
  #printed = "";
  #onPrinted = (): void => {};

  constructor(argv: readonly string[], { folder, env = {} }: WatchedOptions) {
    this.#child = Bun.spawn([process.execPath, ...ENDS_WITH_ITS_RUN, MAIN, ...argv], {
      cwd: folder,
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        XDG_STATE_HOME: folder,
        BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
        ...env,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.pid = this.#child.pid;
    this.commandLine = readFileSync(`/proc/${this.pid}/cmdline`, "utf8");
    const { stdout, stderr } = this.#child;
    this.#hasEnded = Promise.all([this.#read(stdout), this.#read(stderr)]).then(() => this.#onPrinted());
  }

  /** Both streams, as far as they came. */
  get printed(): string {
    return this.#printed;
  }

  /** Waits until it has printed this; rejects with everything that it printed instead. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    const found = Promise.withResolvers<RegExpExecArray>();
    const fail = (why: string): void => found.reject(new Error(`${why} ${String(pattern)}:\n${this.#printed}`));
    const timer = setTimeout(() => fail("it has not printed"), PATIENCE_MS);
    const look = (): void => {
      const match = pattern.exec(this.#printed);
      if (match !== null) found.resolve(match);
    };
    this.#onPrinted = look;
    look();
    void this.#hasEnded.then(() => fail("it ended without"));
    return found.promise.finally(() => clearTimeout(timer));
  }

  /** Sends the signal, unless it is to end by itself, and waits for the end of its output. */
  async end(signal?: "SIGTERM" | "SIGKILL"): Promise<number> {
    if (signal !== undefined) this.#child.kill(signal);
    await this.#hasEnded;
    return this.#child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const part of stream) {
      this.#printed += decoder.decode(part, { stream: true });
      this.#onPrinted();
    }
  }
}
