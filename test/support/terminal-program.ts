/** A program at a terminal of its own, on which a test types and reads. */

/** Beyond any time that a busy machine needs for a line. */
const PATIENCE_MS = 30_000;

export class TerminalProgram implements AsyncDisposable {
  readonly #child: Bun.Subprocess;
  readonly #terminal: Bun.Terminal;
  #shown = "";
  #onShown = (): void => {};

  constructor(
    command: readonly string[],
    { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  ) {
    const decoder = new TextDecoder();
    this.#terminal = new Bun.Terminal({
      cols: 200,
      rows: 50,
      data: (_, bytes) => {
        this.#shown += decoder.decode(bytes, { stream: true });
        this.#onShown();
      },
    });
    const surroundings = { PATH: process.env["PATH"], TERM: "dumb", ...env };
    this.#child = Bun.spawn([...command], { cwd, env: surroundings, terminal: this.#terminal });
  }

  get exited(): Promise<number> {
    return this.#child.exited;
  }

  type(text: string): void {
    this.#terminal.write(text);
  }

  /** Waits until this text was shown, and answers everything up to its end; the next call looks behind it. */
  async shows(text: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = setTimeout(() => reject(new Error(`not shown: ${text}; but: ${this.#shown}`)), PATIENCE_MS);
    const look = (): void => {
      if (this.#shown.includes(text)) resolve();
    };
    this.#onShown = look;
    look();
    try {
      await promise;
    } finally {
      clearTimeout(late);
    }
    const end = this.#shown.indexOf(text) + text.length;
    const seen = this.#shown.slice(0, end);
    this.#shown = this.#shown.slice(end);
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
    this.#terminal.close();
  }
}
