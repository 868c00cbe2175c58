/** The official SDK in a process of its own; see test/compat/sdk-agent.mjs. */
import { join } from "node:path";
import { EDGE_TOKEN } from "./edge-process.ts";
import { LineReader } from "./line-reader.ts";

const SCRIPT = join(import.meta.dir, "../compat/sdk-agent.mjs");

export interface Forwarded {
  readonly url: string;
  readonly metadata: string;
  readonly forwardsTo: string;
}

/** Where it connects, and whom it trusts. */
export interface SdkEdge {
  readonly ports: { readonly https: number };
  readonly caPem: string;
}

interface Answer extends Partial<Forwarded> {
  readonly n: number;
  /** What the SDK failed with. */
  readonly error?: string;
  readonly code?: string;
}

export class SdkAgent implements AsyncDisposable {
  readonly #edge: SdkEdge;
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #answers: LineReader;
  #commands = 0;

  constructor(edge: SdkEdge, host: "node" | "bun" = "node") {
    this.#edge = edge;
    this.#child = Bun.spawn([host === "node" ? "node" : process.execPath, SCRIPT], {
      env: { PATH: process.env["PATH"], BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#answers = new LineReader(this.#child.stdout);
  }

  /** `config` is that of the SDK's `forward`; address, trust and token are those of the edge unless given. */
  async forward(config: Readonly<Record<string, unknown>>): Promise<Forwarded> {
    const { error, url = "", metadata = "", forwardsTo = "" } = await this.#forward(config);
    if (error !== undefined) throw new Error(error);
    return { url, metadata, forwardsTo };
  }

  /**
   * Opens a session that answers the commands that are named (`stop`, `restart`, `update`), and none of the others. What it is told comes
   * from {@link told}.
   */
  async session(handled: readonly string[], authtoken: string): Promise<void> {
    const { ports, caPem } = this.#edge;
    const edge = { address: `127.0.0.1:${ports.https}`, caPem, authtoken };
    const { error } = await this.#ask({ command: "session", handled, ...edge });
    if (error !== undefined) throw new Error(error);
  }

  /** Resolves when the session was told this. */
  told(command: string): Promise<true> {
    return this.#answers.find((line) => (line === JSON.stringify({ told: command }) ? true : undefined));
  }

  /** The code with which the same is refused. */
  async refusalOf(config: Readonly<Record<string, unknown>>): Promise<string | undefined> {
    return (await this.#forward(config)).code;
  }

  /** Closes one endpoint. */
  async close(url: string): Promise<void> {
    await this.#ask({ command: "close", url });
  }

  /** Stops the whole process in its tracks, as a machine that falls asleep. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }

  #forward(config: Readonly<Record<string, unknown>>): Promise<Answer> {
    const { ports, caPem } = this.#edge;
    const edge = { server_addr: `127.0.0.1:${ports.https}`, session_ca_cert: caPem, authtoken: EDGE_TOKEN };
    return this.#ask({ command: "forward", config: { ...edge, ...config } });
  }

  #ask(command: object): Promise<Answer> {
    const n = (this.#commands += 1);
    void this.#child.stdin.write(`${JSON.stringify({ n, ...command })}\n`);
    void this.#child.stdin.flush();
    return this.#answers.find((line) => {
      const answer = JSON.parse(line) as Answer; // our own script
      return answer.n === n ? answer : undefined;
    });
  }
}
