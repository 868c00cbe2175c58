/** Visitors that come all the time while something fails, and tell what they saw; in a process of their own, so in a namespace too. */
import { join } from "node:path";
import { LineReader } from "./line-reader.ts";

const PROGRAM = join(import.meta.dir, "steady-visitor.ts");

export interface Outcome {
  /** The status, with the code of an error page; `cut` in the body; else the error of the connection. */
  readonly what: string;
  /** Of a clock that all outcomes share. */
  readonly askedAtMs: number;
  readonly tookMs: number;
}

export class SteadyVisitors implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #told: LineReader;

  private constructor(child: Bun.Subprocess<"pipe", "pipe", "inherit">) {
    this.#child = child;
    this.#told = new LineReader(child.stdout);
  }

  /** They are being served when it resolves. `enter` are words in front of the program. */
  static async of(
    { host = "127.0.0.1", port, name }: { host?: string; port: number; name: string },
    enter: readonly string[] = [],
  ): Promise<SteadyVisitors> {
    const child = Bun.spawn([...enter, process.execPath, "--no-env-file", PROGRAM, host, String(port), name], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    const visitors = new SteadyVisitors(child);
    await visitors.servedAgain();
    return visitors;
  }

  /** Waits until one who came after this call is served. */
  async servedAgain(): Promise<void> {
    const from = this.#told.lines.length;
    const before = this.outcomes.reduce((latest, { askedAtMs }) => Math.max(latest, askedAtMs), -1);
    await this.#told.find((line) => {
      const { what, askedAtMs } = read(line);
      return what === "200" && askedAtMs > before ? true : undefined;
    }, from);
  }

  get outcomes(): readonly Outcome[] {
    return this.#told.lines.map(read);
  }

  /** No more of them come; everything that they saw, once the last one has left. */
  async end(): Promise<Seen> {
    await this.#child.stdin.end();
    await this.#told.ended;
    return new Seen(this.outcomes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}

/** What visitors saw in the course of a fault. */
export class Seen {
  readonly outcomes: readonly Outcome[];

  constructor(outcomes: readonly Outcome[]) {
    this.outcomes = outcomes;
  }

  /** Each outcome once, sorted. */
  get kinds(): readonly string[] {
    return [...new Set(this.outcomes.map(({ what }) => what))].sort();
  }

  /** Those that these do not explain. */
  kindsBeside(...explained: readonly string[]): readonly string[] {
    return this.kinds.filter((kind) => !explained.includes(kind));
  }

  /** The longest that anybody waited, whatever came of it. */
  get longestMs(): number {
    return Math.max(...this.outcomes.map(({ tookMs }) => tookMs));
  }

  count(what: string): number {
    return this.outcomes.filter((outcome) => outcome.what === what).length;
  }
}

function read(line: string): Outcome {
  return JSON.parse(line) as Outcome; // of our own program
}
