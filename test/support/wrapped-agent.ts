/**
 * The agent as the Python wrapper starts, watches and steers it, by the letter of clients.md: `start --none` with a log in logfmt on
 * a pipe, lines taken apart as a shell would, ready after three messages and one answer of the API, requests as urllib sends them.
 */
import { request } from "node:http";
import { join } from "node:path";
import { type EdgeProcess, EDGE_TOKEN } from "./edge-process.ts";
import { LineReader } from "./line-reader.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
/** After so long the wrapper gives a request up (clients.md K-138). */
const REQUEST_MS = 4_000;

/** The fields of a line. */
export type LogFields = Readonly<Record<string, string>>;

export interface ApiAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

export interface WrappedAgentOptions {
  /** Where it finds its edge by environment variables; without one it brings its own. */
  readonly edge?: EdgeProcess;
  /** What stands in the file that the wrapper has written. */
  readonly config?: string;
  /** The last flags. */
  readonly argv?: readonly string[];
  /** In the environment, unless it is empty. */
  readonly authtoken?: string;
}

export class WrappedAgent implements AsyncDisposable {
  readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly output: LineReader;
  /** Must stay empty in a good run (clients.md K-030). */
  readonly stderr: LineReader;
  readonly folder: TemporaryFolder;

  private constructor(child: Bun.Subprocess<"ignore", "pipe", "pipe">, folder: TemporaryFolder) {
    this.child = child;
    this.output = new LineReader(child.stdout);
    this.stderr = new LineReader(child.stderr);
    this.folder = folder;
  }

  /** As soon as the process runs; {@link ready} waits for more. */
  static async start({
    edge,
    config = `version: "2"\nregion: us\n`,
    argv = [],
    authtoken = EDGE_TOKEN,
  }: WrappedAgentOptions = {}): Promise<WrappedAgent> {
    const folder = new TemporaryFolder();
    const path = folder.file("ngrok.yml");
    await Bun.write(path, config);
    await Bun.write(folder.file("ca.pem"), edge?.caPem ?? "");
    const reach = { GINNEL_SERVER_ADDR: `127.0.0.1:${edge?.ports.https}`, GINNEL_ROOT_CAS: folder.file("ca.pem") };
    const words = [process.execPath, MAIN, "start", "--none", "--log", "stdout", "--config", path, ...argv];
    const child = Bun.spawn(words, {
      argv0: "ngrok",
      cwd: folder.path,
      env: {
        PATH: process.env["PATH"],
        HOME: folder.path,
        // For root it would not be in the home.
        XDG_STATE_HOME: folder.path,
        BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
        ...(authtoken === "" ? {} : { NGROK_AUTHTOKEN: authtoken }),
        ...(edge === undefined ? {} : reach),
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    return new WrappedAgent(child, folder);
  }

  /**
   * The address of the API, once the wrapper takes the agent for ready. It looks at the list of tunnels only once, on the line
   * that completes the three (K-096). Rejects with the `err` of the last failure when the log ends before.
   */
  async ready(list: "/api/tunnels" | "/api/endpoints" = "/api/tunnels"): Promise<string> {
    let [address, hasSession, isConnected]: readonly [string?, boolean?, boolean?] = [];
    try {
      address = await this.output.find((line) => {
        const { lvl, msg = "", addr, err } = fieldsOf(line);
        if (lvl === "eror" || lvl === "crit") throw new Error(err);
        if (msg.includes("starting web service")) address = `http://${addr}`;
        if (msg.includes("tunnel session started")) hasSession = true;
        if (msg.includes("client session established")) isConnected = true;
        return hasSession === true && isConnected === true ? address : undefined;
      });
    } catch (error) {
      throw this.failure === undefined ? error : new Error(this.failure);
    }
    const { status } = await callApi(address, "GET", list);
    if (status !== 200) throw new Error(`the list of tunnels was answered with ${status}`);
    return address;
  }

  /** The lines so far. */
  get log(): readonly LogFields[] {
    return this.output.lines.map(fieldsOf);
  }

  /** What the wrapper shows when a start fails: the `err` of the last line of a failure. */
  get failure(): string | undefined {
    return this.log.findLast(({ lvl }) => lvl === "eror" || lvl === "crit")?.["err"];
  }

  /** Waits for a line with this message and these fields, from line `from` on. */
  logged(message: string, fields: LogFields = {}, from = 0): Promise<LogFields> {
    return this.output.find((line) => {
      const entry = fieldsOf(line);
      const isIt = entry["msg"] === message && Object.entries(fields).every(([key, value]) => entry[key] === value);
      return isIt ? entry : undefined;
    }, from);
  }

  async end(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): Promise<number> {
    this.child.kill(signal);
    return this.child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
    this.folder[Symbol.dispose]();
  }
}

/** One request as Python's urllib sends it; rejects when there is no answer in time. */
export function callApi(base: string, method: string, path: string, body?: object): Promise<ApiAnswer> {
  const { hostname, port, host } = new URL(base);
  const bytes = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: hostname.replaceAll(/[[\]]/g, ""),
        port,
        path,
        method,
        agent: false,
        signal: AbortSignal.timeout(REQUEST_MS),
        headers: {
          "Accept-Encoding": "identity",
          ...(bytes === undefined ? {} : { "Content-Length": String(Buffer.byteLength(bytes)) }),
          Host: host,
          "User-Agent": "Python-urllib/3.12",
          "Content-Type": "application/json",
          Connection: "close",
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers["content-type"],
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    call.on("error", reject);
    call.end(bytes);
  });
}

/** Throws at what a POSIX shell could not split: the wrapper would stop reading (clients.md K-072). */
export function fieldsOf(line: string): LogFields {
  const fields: Record<string, string> = {};
  const rest = line.replaceAll(/(\w+)=("(?:[^"\\]|\\.)*"|[^\s"']*)(?: |$)/g, (_, key: string, value: string) => {
    fields[key] = value.startsWith('"') ? (JSON.parse(value) as string) : value; // the same escapes
    return "";
  });
  if (rest !== "") throw new Error(`the line cannot be split: ${line}`);
  return fields;
}
