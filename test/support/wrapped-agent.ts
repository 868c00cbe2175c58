/**
 * The agent as the Python wrapper starts and watches it, by the letter of clients.md: `start --none` with a log in logfmt on a pipe,
 * ready after three messages and one answer of the API.
 */
import { join } from "node:path";
import { agentEnvironment } from "./agent-environment.ts";
import { type EdgeProcess, EDGE_TOKEN } from "./edge-process.ts";
import { LineReader } from "./line-reader.ts";
import { fieldsOf, type LogFields } from "./logfmt-fields.ts";
import { TemporaryFolder } from "./temporary-folder.ts";
import { callApi } from "./urllib-call.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");

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
        ...agentEnvironment(folder.path),
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
