import { readFileSync } from "node:fs";
import { workersOf } from "./edge-workers.ts";
import { runProgram } from "./run-program.ts";
import { SecretMarks } from "./secret-marks.ts";
import { TemporaryFolder } from "./temporary-folder.ts";
import { type Visit, visit } from "./visit.ts";
import { WatchedProgram } from "./watched-program.ts";

export const CANARY_DOMAIN = "edge.test";

/** A run of edge and agents with marked secrets. What others saw of it is kept by name. */
export class CanaryRun implements AsyncDisposable {
  readonly marks = new SecretMarks();
  readonly folder = new TemporaryFolder();
  readonly #seen = new Map<string, string>();
  readonly #programs: (readonly [string, WatchedProgram])[] = [];
  readonly #format: string;
  #caPem = "";
  #ports = { http: 0, https: 0 };

  constructor(format: string) {
    this.#format = format;
  }

  saw(what: string, text: string): void {
    this.#seen.set(what, text);
  }

  async write(name: string, content: object | string): Promise<void> {
    await Bun.write(this.folder.file(name), typeof content === "string" ? content : JSON.stringify(content));
  }

  /** Stays until the run is over; its log of everything is among what it prints. */
  start(name: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): WatchedProgram {
    const logFlags = ["--log-level=debug", `--log-format=${this.#format}`];
    const toStdout = argv[0] === "edge" ? [] : ["--log=stdout"];
    const program = new WatchedProgram([...argv, ...toStdout, ...logFlags], { folder: this.folder.path, env });
    this.#programs.push([name, program]);
    return program;
  }

  /** Ends by itself; answers the exit code and what it printed. */
  async run(name: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    await using program = new WatchedProgram(argv, { folder: this.folder.path, env });
    const code = await program.end();
    this.saw(name, program.printed);
    this.saw(`arguments of ${name}`, program.commandLine);
    return `${code} ${program.printed}`;
  }

  get caPem(): string {
    return this.#caPem;
  }

  get httpsPort(): number {
    return this.#ports.https;
  }

  async startEdge(flags: readonly string[], env: Readonly<Record<string, string>>): Promise<WatchedProgram> {
    const { stdout } = await runProgram("edge ca --data=data", { home: this.folder.path });
    this.#caPem = stdout;
    await this.write("ca.pem", stdout);
    const usual = [`--domain=${CANARY_DOMAIN}`, "--http=127.0.0.1:0", "--https=127.0.0.1:0", "--data=data"];
    const edge = this.start("edge", ["edge", ...usual, ...flags], env);
    await edge.prints(/edge ready.*\n/);
    const portIn = (name: string): number => Number(new RegExp(`\\b${name}"?[=:]"?(\\d+)`).exec(edge.printed)?.[1]);
    this.#ports = { http: portIn("http"), https: portIn("https") };
    return edge;
  }

  get reach(): Readonly<Record<string, string>> {
    return { GINNEL_SERVER_ADDR: `127.0.0.1:${this.#ports.https}`, GINNEL_ROOT_CAS: this.folder.file("ca.pem") };
  }

  /** What this visitor was answered is seen by others too. Comes over https, unless to a port in clear; answers the status. */
  async visit(
    name: string,
    host: string,
    more: Omit<Visit, "port"> & { readonly port?: number } = {},
  ): Promise<number> {
    const place = more.port === undefined ? { port: this.#ports.https, caPem: this.#caPem } : { port: more.port };
    const { status, headers, body } = await visit(host, { ...place, ...more });
    this.saw(name, `${status} ${JSON.stringify(headers)}\n${body.toString()}`);
    return status;
  }

  /** The arguments of the processes that a program has started, as every user of the machine can read them. */
  sawChildrenOf(name: string, { pid }: WatchedProgram): void {
    const lines = workersOf({ pid }).map((child) => readFileSync(`/proc/${child}/cmdline`, "utf8"));
    this.saw(`arguments of the children of ${name}`, lines.join("\n"));
  }

  /** Everything of every kind, once all programs have ended. */
  async seen(): Promise<ReadonlyMap<string, string>> {
    for (const [name, program] of this.#programs.toReversed()) {
      await program.end("SIGTERM");
      this.saw(`what ${name} printed`, program.printed);
      this.saw(`arguments of ${name}`, program.commandLine);
    }
    return this.#seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [, program] of this.#programs) await program[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}
