/** The command `api` against the management API on a port of its own, in TLS with an authority of its own. */
import { systemClock } from "../../src/base/clock.ts";
import { parseCommandLine } from "../../src/cli/command-line.ts";
import { runCommand } from "../../src/cli/command-modules.ts";
import { describeFailure, renderFailure } from "../../src/cli/fatal.ts";
import { reachableCommands } from "../../src/cli/reachable-commands.ts";
import { MAX_BODY_BYTES } from "../../src/edge/management/call-request.ts";
import { ManagementPort } from "../../src/edge/management/management-port.ts";
import type { ManagementServices } from "../../src/edge/management/management-services.ts";
import { createCa, issueLeaf } from "../../src/pki/issued-certificate.ts";
import { noLog } from "../../src/telemetry/logger.ts";
import { ManagementScene } from "./management-scene.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

/** What a wrapper sees of one run. */
export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams in the order in which they were written. */
  readonly joined: string;
  /** From the first brace of the joined streams to their end; `undefined` when there is none. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

export type CommandEnv = Readonly<Record<string, string>>;

const NEVER = new AbortController().signal;

/** Runs words as the program does, in this process. `signal` is what a SIGINT aborts. */
export async function runWords(
  words: readonly string[],
  env: CommandEnv = {},
  signal: AbortSignal = NEVER,
): Promise<CommandOutcome> {
  const written = { stdout: "", stderr: "", joined: "" };
  const write = (stream: "stdout" | "stderr", text: string): void => {
    written[stream] += text;
    written.joined += text;
  };
  const code = await (async () => {
    try {
      const invocation = parseCommandLine(words, "ginnel", await reachableCommands(words));
      return await runCommand(invocation, {
        program: "ginnel",
        env,
        clock: systemClock,
        print: async (text) => write("stdout", text),
        printStatus: (text) => write("stderr", text),
        isTerminal: false,
        signal,
      });
    } catch (error) {
      write("stderr", renderFailure(describeFailure(error)));
      return 1;
    }
  })();
  return { code, ...written, json: jsonIn(written.joined) };
}

/** As the published wrapper for Python takes the streams apart. @throws SyntaxError when the rest is not one document */
export function jsonIn(joined: string): CommandOutcome["json"] {
  const start = joined.indexOf("{");
  if (start < 0) return undefined;
  const value: unknown = JSON.parse(joined.slice(start));
  return value as Readonly<Record<string, unknown>>; // begins with a brace
}

export class ApiCommandScene implements AsyncDisposable {
  readonly scene: ManagementScene;
  readonly port: ManagementPort;
  readonly folder: TemporaryFolder;

  private constructor(scene: ManagementScene, port: ManagementPort, folder: TemporaryFolder) {
    this.scene = scene;
    this.port = port;
    this.folder = folder;
  }

  /** Its certificate is for 127.0.0.1 and api.e.test; `ca.pem` in the folder vouches for it. */
  static async open(services: Partial<ManagementServices> = {}): Promise<ApiCommandScene> {
    const scene = await ManagementScene.open(services);
    const folder = new TemporaryFolder();
    const ca = await createCa("Test authority", new Date());
    const leaf = await issueLeaf(ca, ["127.0.0.1", "api.e.test"], new Date());
    await Bun.write(folder.file("ca.pem"), ca.certPem);
    const port = await ManagementPort.open({
      address: { hostname: "127.0.0.1", port: 0 },
      site: { maxBodyBytes: MAX_BODY_BYTES, fetch: async (request, visitor) => scene.app.fetch(request, visitor) },
      certificate: async () => leaf,
      clock: systemClock,
      log: noLog,
    });
    return new ApiCommandScene(scene, port, folder);
  }

  get url(): string {
    return `https://127.0.0.1:${this.port.port}`;
  }

  /** What tells a command everything. */
  get env(): CommandEnv {
    return {
      HOME: this.folder.path,
      GINNEL_API_KEY: this.scene.one.key,
      GINNEL_API_URL: this.url,
      GINNEL_ROOT_CAS: this.folder.file("ca.pem"),
    };
  }

  /** `api` with these words. */
  run(words: readonly string[], env: CommandEnv = this.env): Promise<CommandOutcome> {
    return runWords(["api", ...words], env);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.port[Symbol.asyncDispose]();
    await this.scene[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}
