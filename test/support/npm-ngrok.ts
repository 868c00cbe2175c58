/** The npm package `ngrok` under Node, with our program in the place of the vendor's; see test/compat/npm-ngrok/driver.mjs. */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { type EdgeProcess, EDGE_TOKEN } from "./edge-process.ts";
import { LineReader } from "./line-reader.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

const PACKAGE = join(import.meta.dir, "../compat/npm-ngrok");
/** Where the package looks for a program named `ngrok`: a link to dist/ginnel, which has to be built before. */
const BIN_FOLDER = join(PACKAGE, "node_modules/ngrok/bin");

/** What a call of the package failed with. */
export interface NpmFailure {
  /** `NgrokClientError` when the agent API answered. */
  readonly name: string;
  readonly message: string;
  readonly status?: number;
  readonly body?: unknown;
}

interface Told {
  readonly n?: number;
  readonly value?: unknown;
  readonly failure?: NpmFailure;
  readonly event?: NpmEvent;
  readonly text?: string;
}

/** What the agent API tells of a tunnel and of an exchange, as far as the package's type declarations name it. */
export interface NpmTunnel {
  readonly name: string;
  readonly uri: string;
  readonly public_url: string;
  readonly proto: string;
  readonly config: { readonly addr: string; readonly inspect: boolean };
  readonly metrics: { readonly conns: NpmMetrics & { readonly gauge: number }; readonly http: NpmMetrics };
}
interface NpmMetrics {
  readonly count: number;
}
export interface NpmExchange {
  readonly id: string;
  readonly uri: string;
  readonly tunnel_name: string;
  readonly duration: number;
  readonly request: { readonly method: string; readonly uri: string; readonly raw: string };
  readonly response: { readonly status: string; readonly status_code: number; readonly raw: string };
}

/** For who names a tunnel: the package looks the name up in this file. */
export const NPM_OWN_FILE: Readonly<Record<string, string>> = { "own.yml": `version: "2"\n` };

export type NpmEvent = "log" | "status" | "terminated";

export class NpmNgrok implements AsyncDisposable {
  readonly folder: TemporaryFolder;
  /** Empty unless the package or Node complain. */
  readonly stderr: LineReader;
  readonly #child: Bun.Subprocess<"pipe", "pipe", "pipe">;
  readonly #told: LineReader;
  #commands = 0;

  private constructor(child: Bun.Subprocess<"pipe", "pipe", "pipe">, folder: TemporaryFolder) {
    this.#child = child;
    this.#told = new LineReader(child.stdout);
    this.stderr = new LineReader(child.stderr);
    this.folder = folder;
  }

  /** In a home of its own with these files. The agents that it starts go to `edge`, or bring their own edge. */
  static async start({
    edge,
    authtoken = EDGE_TOKEN,
    files = {},
  }: {
    readonly edge?: EdgeProcess;
    /** In the environment, unless it is empty. */
    readonly authtoken?: string;
    readonly files?: Readonly<Record<string, string>>;
  } = {}): Promise<NpmNgrok> {
    expectInstalled();
    const folder = new TemporaryFolder();
    const all = edge === undefined ? files : { ...files, "ca.pem": edge.caPem };
    for (const [name, text] of Object.entries(all)) await Bun.write(folder.file(name), text);
    const reach = { GINNEL_SERVER_ADDR: `127.0.0.1:${edge?.ports.https}`, GINNEL_ROOT_CAS: folder.file("ca.pem") };
    const child = Bun.spawn(["node", join(PACKAGE, "driver.mjs")], {
      cwd: folder.path,
      env: {
        PATH: process.env["PATH"],
        HOME: folder.path,
        // For root it would not be in the home.
        XDG_STATE_HOME: folder.path,
        ...(authtoken === "" ? {} : { NGROK_AUTHTOKEN: authtoken }),
        ...(edge === undefined ? {} : reach),
      },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    return new NpmNgrok(child, folder);
  }

  /** Calls an exported function. In options, `callbacks: true` asks for events and `binFolder` becomes `binPath`. */
  async call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    const { value, failure } = await this.#ask("ngrok", method, args);
    if (failure !== undefined) throw new Error(`${method}: ${JSON.stringify(failure)}`);
    return value;
  }

  /** Calls a method of what `getApi` answers. */
  async api(method: string, ...args: readonly unknown[]): Promise<unknown> {
    const { value, failure } = await this.#ask("api", method, args);
    if (failure !== undefined) throw new Error(`${method}: ${JSON.stringify(failure)}`);
    return value;
  }

  async tunnels(): Promise<readonly NpmTunnel[]> {
    return ((await this.api("listTunnels")) as { tunnels: NpmTunnel[] }).tunnels; // as its declarations say
  }

  async exchanges(options: object = {}): Promise<readonly NpmExchange[]> {
    return ((await this.api("listRequests", options)) as { requests: NpmExchange[] }).requests; // as its declarations say
  }

  /** What such a call fails with. */
  async failureOf(on: "ngrok" | "api", method: string, ...args: readonly unknown[]): Promise<NpmFailure> {
    const { failure, value } = await this.#ask(on, method, args);
    if (failure === undefined) throw new Error(`${method} succeeded: ${JSON.stringify(value)}`);
    return failure;
  }

  /** `connect`, whose answer is a public URL. */
  async connect(...options: readonly unknown[]): Promise<string> {
    return String(await this.call("connect", ...options));
  }

  /** Waits for an event whose text has these words. */
  heard(event: NpmEvent, words = "", from = 0): Promise<string> {
    return this.#told.find((line) => {
      const told = JSON.parse(line) as Told; // our own script
      return told.event === event && told.text?.includes(words) === true ? told.text : undefined;
    }, from);
  }

  /** The texts of all events of the kind so far. */
  told(event: NpmEvent): readonly string[] {
    const all = this.#told.lines.map((line) => JSON.parse(line) as Told); // our own script
    return all.flatMap((told) => (told.event === event ? [told.text ?? ""] : []));
  }

  get lines(): number {
    return this.#told.lines.length;
  }

  /** Lets the user's program end, as it does when it has nothing more to do: the exit code. */
  async end(): Promise<number> {
    await this.#child.stdin.end();
    return this.#child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The agent would outlive a program that is killed.
    if (this.#child.exitCode === null) await this.#ask("ngrok", "kill", []);
    await this.end();
    this.folder[Symbol.dispose]();
  }

  #ask(on: "ngrok" | "api", method: string, args: readonly unknown[]): Promise<Told> {
    const n = (this.#commands += 1);
    void this.#child.stdin.write(`${JSON.stringify({ n, on, method, args })}\n`);
    void this.#child.stdin.flush();
    return this.#told.find((line) => {
      const told = JSON.parse(line) as Told; // our own script
      return told.n === n ? told : undefined;
    });
  }
}

/** The vendor's program must never run, so anything but our link is refused. */
function expectInstalled(): void {
  const isLink = lstatSync(join(BIN_FOLDER, "ngrok"), { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (!isLink)
    throw new Error("the npm package ngrok is not installed as scripts/lib/npm-ngrok.sh does it: run ./scripts/test");
}

export { BIN_FOLDER as NPM_BIN_FOLDER };
