/** A real terminal with a shell in it, whose screen a test reads and whose keys it presses: one server of `tmux` each. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TemporaryFolder } from "./temporary-folder.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
const PROMPT = "made-up-prompt$";
/** Between two looks at the screen. */
const PAUSE_MS = 25;
/** How a test ends when what it waits for never comes, below its own deadline. */
const PATIENCE_MS = 15_000;

export interface TmuxOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** What programs change about a terminal, and have to change back. */
export interface TerminalModes {
  readonly isAlternate: boolean;
  readonly isCursorShown: boolean;
  readonly wraps: boolean;
  /** Of the line discipline: it gathers lines, shows what is typed, and makes signals of keys. */
  readonly isCooked: boolean;
}

export const UNTOUCHED: TerminalModes = { isAlternate: false, isCursorShown: true, wraps: true, isCooked: true };

export class TmuxTerminal implements AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly #socket: string;
  #isClosed = false;

  private constructor(folder: TemporaryFolder) {
    this.folder = folder;
    this.#socket = folder.file("tmux");
  }

  /** With the prompt of its shell. The home and working folder are `folder`; nothing of our own environment is passed on. */
  static async start({ columns = 80, rows = 24, env = {} }: TmuxOptions = {}): Promise<TmuxTerminal> {
    const terminal = new TmuxTerminal(new TemporaryFolder());
    const { path } = terminal.folder;
    const variables = {
      PATH: process.env["PATH"] ?? "",
      HOME: path,
      XDG_STATE_HOME: path,
      TERM: "tmux-256color",
      LC_ALL: "C.UTF-8",
      PS1: `${PROMPT} `,
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
      ...env,
    };
    const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const shell = ["env", "-i", ...words, "bash", "--norc", "--noprofile", "--noediting"];
    const size = ["-x", String(columns), "-y", String(rows)];
    await terminal.#tmux("-f", "/dev/null", "new-session", "-d", ...size, "-c", path, ...shell);
    await terminal.prompted();
    return terminal;
  }

  /** Types a command of the program and presses Enter. `options` are for the runtime. */
  async runProgram(line: string, ...options: readonly string[]): Promise<void> {
    await this.type([process.execPath, ...options, MAIN, line].join(" "));
  }

  async type(line: string): Promise<void> {
    await this.#tmux("send-keys", "-l", line);
    await this.press("Enter");
  }

  /** As tmux names them: `C-c`, `Enter`, `a`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** Without spaces at the ends of lines; with the renditions where those are asked for. */
  async screen({ withColours = false } = {}): Promise<string> {
    return this.#tmux("capture-pane", "-p", ...(withColours ? ["-e"] : []));
  }

  /** The screen that has everything of `parts`; rejects with the last one when none has. */
  async shows(...parts: readonly string[]): Promise<string> {
    return this.until(parts.join(" and "), (screen) => parts.every((part) => screen.includes(part)));
  }

  /** The first screen of which it holds. */
  async until(claim: string, holds: (screen: string) => boolean): Promise<string> {
    const givesUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const screen = await this.screen();
      if (holds(screen)) return screen;
      if (performance.now() > givesUpAt) throw new Error(`never on the screen: ${claim}\n${screen}`);
      await Bun.sleep(PAUSE_MS);
    }
  }

  /** Waits until the shell asks for the next command, at the end of what the screen shows. */
  async prompted(): Promise<string> {
    return this.until("the prompt", (screen) => screen.trimEnd().endsWith(PROMPT));
  }

  async modes(): Promise<TerminalModes> {
    const format = "#{alternate_on} #{cursor_flag} #{wrap_flag} #{pane_tty}";
    const [alternate, cursor, wrap, device = ""] = (await this.#tmux("display-message", "-p", format))
      .trim()
      .split(" ");
    const line = (await run(["stty", "-F", device, "-a"])).split(/[\s;]+/);
    return {
      isAlternate: alternate === "1",
      isCursorShown: cursor === "1",
      wraps: wrap === "1",
      isCooked: ["icanon", "echo", "isig", "iexten", "icrnl", "opost"].every((mode) => line.includes(mode)),
    };
  }

  /** Of the program that the shell has started. */
  async programPid(): Promise<number> {
    const shell = (await this.#tmux("display-message", "-p", "#{pane_pid}")).trim();
    const [pid = ""] = readFileSync(`/proc/${shell}/task/${shell}/children`, "latin1").split(" ");
    return Number(pid);
  }

  /** Of the terminal itself, which reads and shows nothing while it is stopped. */
  async serverPid(): Promise<number> {
    return Number((await this.#tmux("display-message", "-p", "#{pid}")).trim());
  }

  /** What runs in it hears of it by a signal. May be called twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#tmux("kill-server");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    this.folder[Symbol.dispose]();
  }

  #tmux(...args: readonly string[]): Promise<string> {
    return run(["tmux", "-u", "-S", this.#socket, ...args]);
  }
}

async function run(command: readonly string[]): Promise<string> {
  const { TMUX: _, ...env } = process.env;
  const child = Bun.spawn([...command], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [code, output, complaint] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  if (code !== 0) throw new Error(`${command.join(" ")}: ${complaint}`);
  return output;
}
