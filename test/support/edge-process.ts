/** `ginnel edge` as a process of its own, which can be stopped or killed, and started again on the same ports. */
import { join } from "node:path";
import { ENDS_WITH_ITS_RUN } from "./ends-with-its-run.ts";
import { faultLines } from "./fault-lines.ts";
import { freePorts } from "./free-ports.ts";
import { LineReader } from "./line-reader.ts";
import { runProgram } from "./run-program.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");

export const EDGE_DOMAIN = "edge.test";
export const EDGE_TOKEN = "made-up-authtoken";
export const TCP_PORTS = 4;

interface ReadyLine {
  readonly msg: string;
  readonly http: string;
  readonly https: string;
}

/** What a first start tells of the key. */
const API_KEY = /^API key of the operator \(shown this once\): (\S+)$/;

export interface EdgePorts {
  readonly http: number;
  readonly https: number;
  /** The first of {@link TCP_PORTS} ports in a row. */
  readonly tcp: number;
}

export class EdgeProcess implements AsyncDisposable {
  readonly ports: EdgePorts;
  /** Of the edge's own authority, as `edge ca` prints it. */
  readonly caPem: string;
  /** The operator's, as the first process told it; empty when it told none. */
  readonly apiKey: string;
  readonly #folder: TemporaryFolder;
  readonly #flags: readonly string[];
  readonly #enter: readonly string[];
  #child: Bun.Subprocess<"ignore", "pipe", "inherit">;
  #log: LineReader;

  private constructor(started: Started, folder: TemporaryFolder, caPem: string, { flags, enter }: HowToStart) {
    this.#child = started.child;
    this.#log = started.log;
    this.ports = started.ports;
    this.caPem = caPem;
    this.apiKey = started.log.lines.map((line) => API_KEY.exec(line)?.[1] ?? "").join("");
    this.#folder = folder;
    this.#flags = flags;
    this.#enter = enter;
  }

  /** The flags stand in place of the usual ones of the same names. */
  static start(...flags: readonly string[]): Promise<EdgeProcess> {
    return EdgeProcess.startIn([], ...flags);
  }

  /** `enter` are words in front of the program, which takes their place: into a namespace, or with other limits. */
  static async startIn(enter: readonly string[], ...flags: readonly string[]): Promise<EdgeProcess> {
    const folder = new TemporaryFolder();
    const { stdout: caPem } = await runProgram(`edge ca --data=${folder.path}`, { home: folder.path });
    const tcp = freePorts(TCP_PORTS);
    const how = { flags, enter };
    return new EdgeProcess(await spawn(folder, { http: 0, https: 0, tcp }, how), folder, caPem, how);
  }

  /** Sends the signal and waits for the end. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<number> {
    this.#child.kill(signal);
    return this.#child.exited;
  }

  /** The next process, on the ports of the first. */
  async again(): Promise<void> {
    const { child, log } = await spawn(this.#folder, this.ports, { flags: this.#flags, enter: this.#enter });
    this.#child = child;
    this.#log = log;
  }

  /** What stands in a file of its data folder; empty when there is none. */
  async dataText(name: string): Promise<string> {
    const file = Bun.file(this.#folder.file(name));
    return (await file.exists()) ? await file.text() : "";
  }

  /** Of the process that runs now. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Of the process that runs now, and of its workers: it ends with all of them. */
  get log(): LineReader {
    return this.#log;
  }

  /** How many lines the process that runs now has logged. */
  get linesLogged(): number {
    return this.#log.lines.length;
  }

  /** Waits until the process that runs now has logged this message about this text, from that line on. */
  logged(message: string, text: string, from = 0): Promise<true> {
    const isIt = (line: string): boolean => line.includes(JSON.stringify(message)) && line.includes(text);
    return this.#log.find((line) => (isIt(line) ? true : undefined), from);
  }

  /** How often the process that runs now has logged this message. */
  timesLogged(message: string): number {
    return this.#log.lines.filter((line) => line.includes(JSON.stringify(message))).length;
  }

  /** What the process that runs now has logged, see {@link faultLines}. */
  get faultsLogged(): readonly string[] {
    return faultLines(this.#log.lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
    // Its workers live for a moment longer.
    await this.#log.ended;
    this.#folder[Symbol.dispose]();
  }
}

interface Started {
  readonly child: Bun.Subprocess<"ignore", "pipe", "inherit">;
  readonly log: LineReader;
  readonly ports: EdgePorts;
}

interface HowToStart {
  readonly flags: readonly string[];
  readonly enter: readonly string[];
}

async function spawn(folder: TemporaryFolder, ports: EdgePorts, { flags, enter }: HowToStart): Promise<Started> {
  const address = (port: number): string => `127.0.0.1:${port}`;
  const usual = [
    `--domain=${EDGE_DOMAIN}`,
    `--http=${address(ports.http)}`,
    `--https=${address(ports.https)}`,
    `--tcp-ports=${ports.tcp}-${ports.tcp + TCP_PORTS - 1}`,
    `--data=${folder.path}`,
    "--log-format=json",
  ];
  const isGiven = (flag: string): boolean => flags.some((given) => given.startsWith(flag.replace(/=.*/, "=")));
  const settings = [...usual.filter((flag) => !isGiven(flag)), ...flags];
  const child = Bun.spawn([...enter, process.execPath, ...ENDS_WITH_ITS_RUN, MAIN, "edge", ...settings], {
    cwd: folder.path,
    env: {
      PATH: process.env["PATH"],
      HOME: folder.path,
      TMPDIR: folder.path,
      GINNEL_AUTHTOKEN: EDGE_TOKEN,
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const log = new LineReader(child.stdout);
  // Before the log come the secrets that a first start tells.
  const ready = await log.find(
    (line) => (line.includes('"edge ready"') ? (JSON.parse(line) as ReadyLine) : undefined), // our own log
  );
  return { child, log, ports: { http: Number(ready.http), https: Number(ready.https), tcp: ports.tcp } };
}
