/** Visitors who are in the middle of a response when something fails; in a process of their own, so in a namespace too. */
import { join } from "node:path";
import { LineReader } from "./line-reader.ts";

const PROGRAM = join(import.meta.dir, "lasting-visitor.ts");
const WAYS = ["http", "https", "tcp"] as const;
type Way = (typeof WAYS)[number];

/** One line of the program; `whole` is an end that looks like that of the response. */
export interface Lasted {
  readonly over: Way;
  readonly what: string;
}

export class LastingVisitors implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"ignore", "pipe", "inherit">;
  readonly #told: LineReader;

  private constructor(child: Bun.Subprocess<"ignore", "pipe", "inherit">) {
    this.#child = child;
    this.#told = new LineReader(child.stdout);
  }

  /** All of them have a part when it resolves: of what the service begins at `/chunked` and does not end. */
  static async of(
    name: string,
    ports: Readonly<Record<Way, number>>,
    enter: readonly string[] = [],
  ): Promise<LastingVisitors> {
    const words = [PROGRAM, name, ...WAYS.map((way) => String(ports[way]))];
    const child = Bun.spawn([...enter, process.execPath, "--no-env-file", ...words], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    const visitors = new LastingVisitors(child);
    expectBegun(await Promise.all(WAYS.map((way) => visitors.#line(way, 0))));
    return visitors;
  }

  /** How each of them ended, once all have. */
  async ends(): Promise<readonly string[]> {
    const lines = await Promise.all(WAYS.map((way) => this.#line(way, 1)));
    return lines.map(({ over, what }) => `${over}: ${what}`);
  }

  /** The first, second, ... that is told of those who come this way. */
  #line(way: Way, number: number): Promise<Lasted> {
    let left = number;
    return this.#told.find((line) => {
      const told = JSON.parse(line) as Lasted; // of our own program
      if (told.over !== way) return undefined;
      left -= 1;
      return left < 0 ? told : undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}

function expectBegun(lines: readonly Lasted[]): void {
  const failed = lines.find(({ what }) => what !== "begun");
  if (failed !== undefined) throw new Error(`a visitor over ${failed.over} was not served: ${failed.what}`);
}
