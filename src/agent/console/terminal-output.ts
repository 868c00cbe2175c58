/** Writing to a terminal that may have stopped reading (a sleeping SSH connection) without waiting for it. */
import { closeSync, constants, openSync, writeSync } from "node:fs";

/** What opens anew what this process has as standard output: the owner's name for it, and the terminal that controls us. */
const OWN_OUTPUT = ["/proc/self/fd/1", "/dev/tty"];
const STDOUT = 1;

export class TerminalOutput implements Disposable {
  readonly #descriptor: number;
  #rest: Uint8Array = new Uint8Array(0);
  #isGone = false;

  constructor() {
    this.#descriptor = openWithoutBlocking();
  }

  /** Writes more of what is left; true when nothing is, or when nobody will ever read it. */
  flush(): boolean {
    try {
      while (this.#rest.length > 0 && !this.#isGone) {
        this.#rest = this.#rest.subarray(writeSync(this.#descriptor, this.#rest));
      }
    } catch (error) {
      // Full is the only failure that passes; a terminal that was closed gives EIO.
      this.#isGone = !(error instanceof Error && "code" in error && error.code === "EAGAIN");
    }
    return this.#isGone || this.#rest.length === 0;
  }

  /** Behind what is left. */
  write(text: string): void {
    this.#rest = Buffer.concat([this.#rest, Buffer.from(text)]);
    this.flush();
  }

  /** Forgets what is left, which may end within a control sequence: the next text has to begin with an escape. */
  discard(): void {
    this.#rest = new Uint8Array(0);
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== STDOUT) closeSync(this.#descriptor);
  }
}

/**
 * A description of its own, because the mode of standard output belongs to everybody who has it open, as the shell. Where there is
 * none (Windows) standard output itself, which may wait.
 */
function openWithoutBlocking(): number {
  if (process.platform === "win32") return STDOUT;
  for (const path of OWN_OUTPUT) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch {
      // Another user's terminal after `su`, or none that controls us.
    }
  }
  return STDOUT;
}
