/** Reads a stream line by line, remembers all lines, and lets a test wait for one. */
export class LineReader {
  readonly lines: string[] = [];
  /** Resolves when the stream has ended: then all lines are there. */
  readonly ended: Promise<void>;
  #hasEnded = false;
  #wake = Promise.withResolvers<void>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.ended = this.#read(stream);
  }

  /** The first line from `from` on for which `find` answers; rejects with all lines when the stream ends before. */
  async find<T>(find: (line: string) => T | undefined, from = 0): Promise<T> {
    for (let at = from; ; at += 1) {
      while (at >= this.lines.length) {
        if (this.#hasEnded) throw new Error(`the line never came; heard:\n${this.lines.join("\n")}`);
        await this.#wake.promise;
      }
      const found = find(this.lines[at] ?? "");
      if (found !== undefined) return found;
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      this.lines.push(...parts);
      this.#notify();
    }
    this.#hasEnded = true;
    this.#notify();
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
