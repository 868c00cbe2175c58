/** `ginnel edge` as a process of its own with nothing but its records: no token stands in its configuration. */
import { join } from "node:path";
import { EDGE_DOMAIN } from "./edge-process.ts";
import { ENDS_WITH_ITS_RUN } from "./ends-with-its-run.ts";
import { LineReader } from "./line-reader.ts";
import { runProgram } from "./run-program.ts";
import { type Visited, visit } from "./visit.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");

export const API_HOST = `api.${EDGE_DOMAIN}`;
/** Told once, at a first start. */
const TOLD = /^(Authtoken for agents|API key of the operator) \(shown this once\): (\S+)$/;

export interface RecordedEdgeOptions {
  /** The working folder, with the data folder `data` in it. */
  readonly folder: string;
  /** They stand in place of the usual ones of the same names. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export class RecordedEdge implements AsyncDisposable {
  readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly output: LineReader;
  /** The last line of a start. */
  readonly ready: Readonly<Record<string, string>>;
  /** Of the edge's own authority. */
  readonly caPem: string;

  private constructor(child: RecordedEdge["child"], output: LineReader, ready: RecordedEdge["ready"], caPem: string) {
    this.child = child;
    this.output = output;
    this.ready = ready;
    this.caPem = caPem;
  }

  /** Rejects with what it printed when it does not come up. */
  static async start({ folder, flags = [], env = {} }: RecordedEdgeOptions): Promise<RecordedEdge> {
    const { stdout: caPem } = await runProgram("edge ca --data=data", { home: folder });
    const usual = ["--http=127.0.0.1:0", "--https=127.0.0.1:0", "--tcp-ports=off", "--data=data", "--log-format=json"];
    const isGiven = (flag: string): boolean => flags.some((given) => given.startsWith(flag.replace(/=.*/, "=")));
    const settings = [`--domain=${EDGE_DOMAIN}`, ...usual.filter((flag) => !isGiven(flag)), ...flags];
    const child = Bun.spawn([process.execPath, ...ENDS_WITH_ITS_RUN, MAIN, "edge", ...settings], {
      cwd: folder,
      env: { PATH: process.env["PATH"], HOME: folder, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0", ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const output = new LineReader(child.stdout);
    try {
      const ready = await output.find((line) =>
        line.includes('"edge ready"') ? (JSON.parse(line) as Record<string, string>) : undefined,
      );
      return new RecordedEdge(child, output, ready, caPem);
    } catch (error) {
      child.kill("SIGKILL");
      throw new Error(`the edge does not start: ${await child.stderr.text()}`, { cause: error });
    }
  }

  get httpsPort(): number {
    return Number(this.ready["https"]);
  }

  /** What a first start told, in order: authtoken, API key. */
  get told(): readonly string[] {
    return this.output.lines.flatMap((line) => TOLD.exec(line)?.[2] ?? []);
  }

  /** A call of the management API at its name. */
  async call(key: string, method: string, path: string, body?: object): Promise<Answered> {
    const headers = {
      Authorization: `Bearer ${key}`,
      "Ngrok-Version": "2",
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    };
    const sent = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
    const place = { port: this.httpsPort, caPem: this.caPem };
    return answered(await visit(API_HOST, { ...place, method, path, headers, ...sent }));
  }

  /** How an agent gets here; `ca.pem` has to be in its folder. */
  reach(authtoken: string): readonly string[] {
    return [`--server-addr=127.0.0.1:${this.httpsPort}`, "--root-cas=ca.pem", `--authtoken=${authtoken}`];
  }

  /** Sends the signal and waits for the end. */
  async end(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<number> {
    this.child.kill(signal);
    return this.child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }
}

export interface Answered {
  readonly status: number;
  /** `{}` for an answer without a body. */
  readonly json: Readonly<Record<string, unknown>>;
}

function answered({ status, body }: Visited): Answered {
  const text = body.toString();
  return { status, json: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) }; // of our own API
}
