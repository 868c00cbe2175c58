/** An agent command (`http`, `tcp`, `tls`, `start`) as a process of its own, with its log as lines of JSON. */
import { join } from "node:path";
import { agentEnvironment } from "./agent-environment.ts";
import { ENDS_WITH_ITS_RUN } from "./ends-with-its-run.ts";
import { LineReader } from "./line-reader.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");

export interface AgentProcessOptions {
  /** Beside `PATH`, a home of its own and what the runtime needs. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files in the working folder, which is the home too. */
  readonly files?: Readonly<Record<string, string>>;
  /** The compiled program; absent: from the sources. */
  readonly binary?: string | undefined;
  /** Words in front of the program, which takes their place: into a namespace, or with other limits. */
  readonly enter?: readonly string[];
}

/** One line of the agent's log. */
export type LogEntry = Readonly<Record<string, string>>;

export class AgentProcess implements AsyncDisposable {
  readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly log: LineReader;
  /** Must stay empty in a good run (clients.md K-030). */
  readonly stderr: LineReader;
  readonly folder: TemporaryFolder;

  private constructor(child: Bun.Subprocess<"ignore", "pipe", "pipe">, folder: TemporaryFolder) {
    this.child = child;
    this.log = new LineReader(child.stdout);
    this.stderr = new LineReader(child.stderr);
    this.folder = folder;
  }

  /** `argv` is what follows the program's name; the flags of the log are added. */
  static async start(
    argv: readonly string[],
    { env = {}, files = {}, binary, enter = [] }: AgentProcessOptions = {},
  ): Promise<AgentProcess> {
    const folder = new TemporaryFolder();
    for (const [name, text] of Object.entries(files)) await Bun.write(join(folder.path, name), text);
    const program = binary === undefined ? [process.execPath, ...ENDS_WITH_ITS_RUN, MAIN] : [binary];
    // Who enters a namespace is somewhere else in it.
    const way = enter.length === 0 ? [] : [...enter, "env", "-C", folder.path];
    const child = Bun.spawn([...way, ...program, ...argv, "--log=stdout", "--log-format=json"], {
      cwd: folder.path,
      env: {
        ...agentEnvironment(folder.path),
        ...env,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    return new AgentProcess(child, folder);
  }

  /** The first line from `from` on with this message and, if given, these fields. Rejects when the agent ends before. */
  logged(message: string, fields: LogEntry = {}, from = 0): Promise<LogEntry> {
    return this.log.find((line) => {
      const entry = JSON.parse(line) as LogEntry; // our own log
      const isIt = entry["msg"] === message && Object.entries(fields).every(([key, value]) => entry[key] === value);
      return isIt ? entry : undefined;
    }, from);
  }

  /** The public URL of a tunnel, once it was started. */
  async url(name = "command_line"): Promise<string> {
    const { url = "" } = await this.logged("started tunnel", { name });
    return url;
  }

  /** Sends the signal and waits for the end: the exit code. */
  async end(signal: "SIGTERM" | "SIGINT" | "SIGKILL" = "SIGTERM"): Promise<number> {
    this.child.kill(signal);
    return this.child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
    this.folder[Symbol.dispose]();
  }
}
