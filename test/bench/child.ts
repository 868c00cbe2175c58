/** Programs that run beside the benchmark, and the ports they listen on. */
import { connect, createServer } from "node:net";
import { HERE, type Place } from "./place.ts";

const START_MS = 15_000;
const STOP_MS = 3_000;

/** So that nothing outlives a benchmark that is killed. */
const ENDS_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"];

/** A program in the foreground at a place; its output is kept for the message when it ends too early. */
export class Child implements AsyncDisposable {
  readonly #command: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #place: Place;
  #run: Run;

  constructor(command: readonly string[], env: Readonly<Record<string, string>> = {}, place: Place = HERE) {
    this.#command = command;
    this.#env = env;
    this.#place = place;
    this.#run = this.#start();
  }

  get pid(): number {
    return this.#run.process.pid;
  }

  /** Resolves when all the ports take connections; throws with the program's own words when it ends before. */
  async listensOn(...ports: readonly number[]): Promise<void> {
    const { process, lastWords } = this.#run;
    const ended = process.exited.then(async (status) => {
      throw new Error(`${this.#command[0]} ended with status ${status}: ${await lastWords}`);
    });
    await Promise.race([ended, Promise.all(ports.map((port) => untilItListens(this.#place.address, port)))]);
  }

  /** Kills the program and starts it anew at once, with the same words. */
  async restart(): Promise<void> {
    this.#run.process.kill("SIGKILL");
    await this.#run.process.exited;
    this.#run = this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { process } = this.#run;
    process.kill("SIGTERM");
    const kill = setTimeout(() => process.kill("SIGKILL"), STOP_MS);
    await process.exited;
    clearTimeout(kill);
  }

  #start(): Run {
    const started = Bun.spawn([...this.#place.enter, ...ENDS_WITH_PARENT, ...this.#command], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, ...this.#env },
    });
    const words = Promise.all([started.stdout, started.stderr].map(lastWords)).then((parts) => parts.join(""));
    return { process: started, lastWords: words };
  }
}

interface Run {
  readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly lastWords: Promise<string>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject).listen(0, "127.0.0.1", () => listening.resolve());
  await listening.promise;
  const address = server.address();
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

/** Runs a program to its end and answers what it wrote; throws when it fails. */
export async function output(...command: readonly string[]): Promise<string> {
  const run = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [text, complaint, status] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ]);
  if (status !== 0) throw new Error(`${command.join(" ")} ended with status ${status}: ${complaint}${text}`);
  return text;
}

async function untilItListens(address: string, port: number): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (!(await listens(address, port))) {
    if (performance.now() > deadline) throw new Error(`nothing listens on ${address}:${port}`);
    await Bun.sleep(20);
  }
}

async function listens(address: string, port: number): Promise<boolean> {
  const result = Promise.withResolvers<boolean>();
  const socket = connect(port, address, () => result.resolve(true));
  socket.once("error", () => result.resolve(false));
  const answer = await result.promise;
  socket.destroy();
  return answer;
}

/** The last thousand letters, however much is written. */
async function lastWords(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of stream) text = (text + Buffer.from(piece).toString()).slice(-1000);
  return text;
}
