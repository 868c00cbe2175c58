/** A server from a Debian package as a process of its own, on a free port, ready when it says so. */
import { createServer } from "node:net";
import { once } from "node:events";
import { TemporaryFolder } from "./temporary-folder.ts";

/** Tries another port this often when somebody else was faster to take it. */
const PORT_TRIES = 5;

export interface StartedProgram extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly folder: TemporaryFolder;
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
    const child = spawn(await options.command(port, folder), options);
    const stop = async (): Promise<void> => {
      child.kill(options.stopSignal);
      await child.exited;
      folder[Symbol.dispose]();
    };
    const [isReady, log] = await printed(child[options.prints], options.ready);
    if (isReady) return { port, folder, [Symbol.asyncDispose]: stop };
    complaints.push(log);
    await stop();
  }
  throw new Error(`the program does not start: ${complaints.join("\n")}`);
}

/** Servers live in folders that not every user's PATH names. */
export const SERVER_PATH = `${process.env["PATH"]}:/usr/sbin:/sbin`;

function spawn(command: readonly string[], { prints, env }: ProgramOptions): Bun.Subprocess<"ignore", "pipe", "pipe"> {
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
