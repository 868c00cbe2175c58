/** Programs that run beside the benchmark, and the ports they listen on. */
import { connect, createServer } from "node:net";

const START_MS = 15_000;
const STOP_MS = 3_000;

/** A program in the foreground; its output is kept for the message when it ends too early. */
export class Child implements AsyncDisposable {
  readonly #name: string;
  readonly #process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #output: Promise<string>;

  constructor(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#name = command[0] ?? "";
    this.#process = Bun.spawn([...command], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, ...env },
    });
    const { stdout, stderr } = this.#process;
    this.#output = Promise.all([stdout, stderr].map(lastWords)).then((parts) => parts.join(""));
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Resolves when all the ports take connections; throws with the program's own words when it ends before. */
  async listensOn(...ports: readonly number[]): Promise<void> {
    const ended = this.#process.exited.then(async (status) => {
      throw new Error(`${this.#name} ended with status ${status}: ${await this.#output}`);
    });
    await Promise.race([ended, Promise.all(ports.map(untilItListens))]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    const kill = setTimeout(() => this.#process.kill("SIGKILL"), STOP_MS);
    await this.#process.exited;
    clearTimeout(kill);
  }
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

async function untilItListens(port: number): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (!(await listens(port))) {
    if (performance.now() > deadline) throw new Error(`nothing listens on port ${port}`);
    await Bun.sleep(20);
  }
}

async function listens(port: number): Promise<boolean> {
  const result = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1", () => result.resolve(true));
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
