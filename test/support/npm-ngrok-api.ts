/** The npm package `@ngrok/ngrok-api` under Node, against the management API; see test/compat/npm-ngrok-api/driver.mjs. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LineReader } from "./line-reader.ts";

const PACKAGE = join(import.meta.dir, "../compat/npm-ngrok-api");

/** What a call of the package failed with: the error body in the package's spelling, or an error of its own. */
export interface NpmApiFailure {
  readonly name?: string;
  readonly message?: string;
  readonly errorCode?: string;
  readonly statusCode?: number;
  readonly msg?: string;
  readonly details?: Readonly<Record<string, string>>;
}

export type NpmApiAnswer = { readonly value: unknown } | { readonly failure: NpmApiFailure };

export class NpmNgrokApi implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #told: LineReader;
  #calls = 0;

  private constructor(child: Bun.Subprocess<"pipe", "pipe", "inherit">) {
    this.#child = child;
    this.#told = new LineReader(child.stdout);
  }

  static start(baseUrl: string, apiToken: string): NpmNgrokApi {
    if (!existsSync(join(PACKAGE, "node_modules/@ngrok/ngrok-api"))) {
      throw new Error("the npm package @ngrok/ngrok-api is not installed: run ./scripts/test");
    }
    const command = ["node", join(PACKAGE, "driver.mjs"), baseUrl, apiToken];
    const env = { PATH: process.env["PATH"] };
    return new NpmNgrokApi(Bun.spawn(command, { env, stdin: "pipe", stdout: "pipe", stderr: "inherit" }));
  }

  /** Calls one method of one service; one call at a time. */
  async ask(service: string, method: string, ...args: readonly unknown[]): Promise<NpmApiAnswer> {
    void this.#child.stdin.write(`${JSON.stringify({ service, method, args })}\n`);
    void this.#child.stdin.flush();
    return this.#told.find((line) => JSON.parse(line) as NpmApiAnswer, this.#calls++); // our own script
  }

  /** The value of a call. @throws Error when it failed */
  async call(service: string, method: string, ...args: readonly unknown[]): Promise<unknown> {
    const answer = await this.ask(service, method, ...args);
    if ("failure" in answer) throw new Error(`${service}.${method}: ${JSON.stringify(answer.failure)}`);
    return answer.value;
  }

  /** What a call failed with. @throws Error when it did not */
  async failureOf(service: string, method: string, ...args: readonly unknown[]): Promise<NpmApiFailure> {
    const answer = await this.ask(service, method, ...args);
    if ("value" in answer) throw new Error(`${service}.${method} did not fail: ${JSON.stringify(answer.value)}`);
    return answer.failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.end();
    await this.#child.exited;
  }
}
