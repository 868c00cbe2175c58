/** Parsers of HTTP/1 that are not ours, in a process of Node; see test/abuse/http1/other-parsers.mjs. */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Reading } from "./http1-reading.ts";

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
  /** Questions under way. Answers come in their order, and none is kept: a long run asks half a million. */
  readonly #asked: PromiseWithResolvers<OtherReadings>[] = [];

  constructor() {
    const lines = createInterface({ input: Readable.fromWeb(this.#child.stdout) });
    lines.on("line", (line) => this.#asked.shift()?.resolve(JSON.parse(line) as OtherReadings)); // our own script
    lines.on("close", () => {
      for (const question of this.#asked.splice(0)) question.reject(new Error("the process of the parsers has ended"));
    });
  }

  /** What each makes of the octets of one connection's requests. */
  readRequests(wire: string): Promise<OtherReadings> {
    return this.#ask({ requests: wire });
  }

  /** What each makes of the answers to requests of these methods. */
  readResponses(wire: string, methods: readonly string[]): Promise<OtherReadings> {
    return this.#ask({ responses: wire, methods });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#child.exited;
  }

  #ask(question: object): Promise<OtherReadings> {
    const answer = Promise.withResolvers<OtherReadings>();
    this.#asked.push(answer);
    void this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    void this.#child.stdin.flush();
    return answer.promise;
  }
}
