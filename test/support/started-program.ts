/** A server from a Debian package as a process of its own, on a free port, ready when it says so. */
import { createServer } from "node:net";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { descriptorsOf, settles } from "./process-holdings.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

/** Tries another port this often when somebody else was faster to take it. */
const PORT_TRIES = 5;

export interface StartedProgram extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly folder: TemporaryFolder;
  /** Sends the signal, to all that is left of the program when it is a kill, and waits for the end. The folder stays. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** The next process, with the same command: it serves when it resolves. */
  again(): Promise<void>;
}

export interface ProgramOptions {
  /** Words that it prints when it serves. */
  readonly ready: string;
  readonly prints: "stdout" | "stderr";
  readonly stopSignal?: NodeJS.Signals;
  readonly env?: Readonly<Record<string, string>>;
  /** Writes what the program needs into the folder, and answers its command. */
  readonly command: (port: number, folder: TemporaryFolder) => readonly string[] | Promise<readonly string[]>;
}

/**
 * None of these programs can be told to choose a port and say which. Rejects with what it printed when it does not come up, and
 * names a program that is missing.
 */
export async function startOnFreePort(options: ProgramOptions): Promise<StartedProgram> {
  const complaints: string[] = [];
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const folder = new TemporaryFolder();
    const port = await freePort();
    const program = new Program(port, folder, await options.command(port, folder), options);
    try {
      await program.again();
      return program;
    } catch (error) {
      complaints.push(String(error));
      await program[Symbol.asyncDispose]();
    }
  }
  throw new Error(complaints.join("\n"));
}

class Program implements StartedProgram {
  readonly port: number;
  readonly folder: TemporaryFolder;
  readonly #command: readonly string[];
  readonly #options: ProgramOptions;
  #child: Child | undefined;

  constructor(port: number, folder: TemporaryFolder, command: readonly string[], options: ProgramOptions) {
    this.port = port;
    this.folder = folder;
    this.#command = command;
    this.#options = options;
  }

  async again(): Promise<void> {
    const { prints, ready } = this.#options;
    this.#child = spawn(this.#command, this.#options);
    const [isReady, log] = await printed(this.#child[prints], ready);
    if (!isReady) throw new Error(`the program does not start: ${log}`);
  }

  async end(signal?: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const others = signal === "SIGKILL" ? childrenOf(child.pid) : [];
    child.kill(signal);
    await child.exited;
    for (const pid of others) killIfThere(pid);
    // They hold what the next process needs for as long as they are there.
    await settles(() => others.filter((pid) => descriptorsOf(pid) > 0), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end(this.#options.stopSignal);
    this.folder[Symbol.dispose]();
  }
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended with its parent.
  }
}

/** Servers live in folders that not every user's PATH names. */
export const SERVER_PATH = `${process.env["PATH"]}:/usr/sbin:/sbin`;

type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

function spawn(command: readonly string[], { prints, env }: ProgramOptions): Child {
  const child = Bun.spawn([...command], {
    env: { ...process.env, ...env, PATH: SERVER_PATH },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  drop(prints === "stdout" ? child.stderr : child.stdout);
  return child;
}

/** Reads until `text` was printed, or the output ended. What follows is read and dropped, so the program never blocks. */
async function printed(output: ReadableStream<Uint8Array>, text: string): Promise<readonly [boolean, string]> {
  const reader = output.getReader();
  const decoder = new TextDecoder();
  let log = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    log += decoder.decode(part.value, { stream: true });
    if (!log.includes(text)) continue;
    reader.releaseLock();
    drop(output);
    return [true, log];
  }
  return [false, log];
}

function drop(output: ReadableStream<Uint8Array>): void {
  void output.pipeTo(new WritableStream()).catch(() => {});
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
