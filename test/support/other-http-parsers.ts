/** Parsers of HTTP/1 that are not ours, in a process of Node; see test/abuse/http1/other-parsers.mjs. */
import { join } from "node:path";
import type { Reading } from "./http1-reading.ts";
import { LineReader } from "./line-reader.ts";

const SCRIPT = join(import.meta.dir, "../abuse/http1/other-parsers.mjs");

export const OTHER_PARSERS = ["llhttp", "http-parser-js"] as const;
export type OtherParser = (typeof OTHER_PARSERS)[number];

export type OtherReadings = Readonly<Record<OtherParser, Reading>>;

export class OtherHttpParsers implements AsyncDisposable {
  readonly #child = Bun.spawn(["node", "--no-warnings", SCRIPT], {
    env: { PATH: process.env["PATH"] },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  readonly #answers = new LineReader(this.#child.stdout);
  #asked = 0;

  /** What each makes of the octets of one connection's requests. */
  readRequests(wire: string): Promise<OtherReadings> {
    return this.#ask({ requests: wire });
  }

  /** What each makes of the answers to requests of these methods. */
  readResponses(wire: string, methods: readonly string[]): Promise<OtherReadings> {
    return this.#ask({ responses: wire, methods });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.end();
    await this.#child.exited;
  }

  /** Answers come in the order of the questions. */
  async #ask(question: object): Promise<OtherReadings> {
    const at = this.#asked++;
    void this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    void this.#child.stdin.flush();
    const line = await this.#answers.find((found) => found, at);
    return JSON.parse(line) as OtherReadings; // our own script
  }
}
