/** The terminal of this process: its modes, its keys, and giving it back whatever ends or pauses the process. */
import type { Clock } from "../../base/clock.ts";
import { isInForeground } from "./foreground.ts";
import type { ScreenSize } from "./screen.ts";
import type { Terminal, TerminalHandler } from "./terminal.ts";
import { TerminalOutput } from "./terminal-output.ts";

/** Alternate screen, no cursor, and nothing that is too wide goes on in the next line (xterm's private modes). */
const TAKE = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[0m";
const GIVE_BACK = "\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l";

/** Raw mode takes these keys from the terminal; they go on doing what they always did, to the same processes. */
const KEY_SIGNALS: ReadonlyMap<number, NodeJS.Signals> = new Map([
  [0x03, "SIGINT"],
  [0x1a, "SIGTSTP"],
  [0x1c, "SIGQUIT"],
]);
const OWN_PROCESS_GROUP = 0;
/** These end the process without any further call, unless somebody listens. */
const DEADLY_SIGNALS = ["SIGHUP", "SIGQUIT"] as const;

/** Where the terminal tells no size. */
const USUAL_SIZE: ScreenSize = { columns: 80, rows: 24 };
/** Nobody has more; some programs tell nonsense. */
const LARGEST_SIZE: ScreenSize = { columns: 1_000, rows: 500 };

/** How long the end may wait for a terminal that takes nothing. */
const LAST_BYTES_MS = 200;
const RETRY_MS = 10;

const IS_WINDOWS = process.platform === "win32";

export class ProcessTerminal implements Terminal {
  readonly #clock: Pick<Clock, "nowMs" | "after">;
  readonly #listeners = new DisposableStack();
  #output: TerminalOutput | undefined;
  #handler: TerminalHandler | undefined;
  /** The screen is ours. Only while there is a handler. */
  #isTaken = false;

  constructor(clock: Pick<Clock, "nowMs" | "after">) {
    this.#clock = clock;
  }

  get size(): ScreenSize {
    const { columns, rows } = process.stdout;
    return {
      columns: Math.min(columns > 0 ? columns : USUAL_SIZE.columns, LARGEST_SIZE.columns),
      rows: Math.min(rows > 0 ? rows : USUAL_SIZE.rows, LARGEST_SIZE.rows),
    };
  }

  enter(handler: TerminalHandler): void {
    this.#output = new TerminalOutput();
    this.#handler = handler;
    this.#listen();
    this.#take();
  }

  isReady(): boolean {
    if (this.#handler === undefined || !isInForeground()) return false;
    this.#take();
    return this.#isTaken && this.#output?.flush() === true;
  }

  write(text: string): void {
    if (this.#isTaken) this.#output?.write(text);
  }

  async leave(): Promise<void> {
    if (this.#handler === undefined) return;
    this.#handler = undefined;
    this.#giveBack();
    const deadlineMs = this.#clock.nowMs() + LAST_BYTES_MS;
    while (this.#output?.flush() === false && this.#clock.nowMs() < deadlineMs) {
      await new Promise<void>((resolve) => void this.#clock.after(RETRY_MS, resolve));
    }
    this.#end();
  }

  /** In the background it waits for the next call: see {@link isReady}. */
  #take(): void {
    if (this.#handler === undefined || this.#isTaken || !isInForeground()) return;
    this.#isTaken = true;
    this.#output?.write(TAKE);
    if (hasKeys()) {
      process.stdin.setRawMode(true);
      // Only now: whoever listens reads, which stops a process in the background.
      process.stdin.on("data", onKeys);
      process.stdin.resume();
    }
    this.#handler.onBlank();
  }

  #giveBack(): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    if (hasKeys()) {
      process.stdin.off("data", onKeys);
      process.stdin.pause();
      process.stdin.setRawMode(false);
    }
    this.#output?.discard();
    this.#output?.write(GIVE_BACK);
  }

  /** For the moments after which nothing is called any more. */
  #giveBackAtOnce(): void {
    this.#giveBack();
    for (let waitedMs = 0; this.#output?.flush() === false && waitedMs < LAST_BYTES_MS; waitedMs += RETRY_MS) {
      Bun.sleepSync(RETRY_MS);
    }
  }

  #listen(): void {
    this.#on(process.stdout, "resize", () => this.#handler?.onResize());
    this.#on(process, "exit", () => this.#giveBackAtOnce());
    if (IS_WINDOWS) return;
    for (const signal of DEADLY_SIGNALS) this.#on(process, signal, () => this.#onDeadlySignal(signal));
    this.#on(process, "SIGTSTP", () => {
      this.#giveBackAtOnce();
      process.kill(process.pid, "SIGSTOP");
    });
    this.#on(process, "SIGCONT", () => {
      // After SIGSTOP, which nobody is told of: the shell has used the terminal meanwhile.
      if (isInForeground()) this.#giveBack();
      this.#take();
    });
    // A terminal that was closed; the system tells the process by a signal.
    if (hasKeys()) this.#on(process.stdin, "error", () => {});
  }

  #onDeadlySignal(signal: (typeof DEADLY_SIGNALS)[number]): void {
    // Somebody else has a use for it, as for opening the log file anew.
    if (process.listenerCount(signal) > 1) return;
    this.#giveBackAtOnce();
    this.#end();
    process.kill(process.pid, signal);
  }

  #on(emitter: NodeJS.EventEmitter, event: string, listener: () => void): void {
    emitter.on(event, listener);
    this.#listeners.defer(() => emitter.off(event, listener));
  }

  #end(): void {
    this.#listeners.dispose();
    this.#output?.[Symbol.dispose]();
    this.#output = undefined;
  }
}

/** Windows keeps its own keys: Ctrl+C comes as a signal there. */
function hasKeys(): boolean {
  return process.stdin.isTTY && !IS_WINDOWS;
}

function onKeys(keys: Uint8Array): void {
  for (const key of keys) {
    const signal = KEY_SIGNALS.get(key);
    if (signal !== undefined) process.kill(OWN_PROCESS_GROUP, signal);
  }
}
