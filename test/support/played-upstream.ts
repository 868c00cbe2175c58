import { RawEnd } from "./raw-end.ts";
import { RawUpstream } from "./raw-upstream.ts";

/** An upstream that answers nothing by itself: the test takes its connections one after the other, and plays them. */
export class PlayedUpstream implements Disposable {
  readonly #upstream = new RawUpstream();

  /** As a tunnel names it. */
  get addr(): string {
    return `127.0.0.1:${this.#upstream.port}`;
  }

  /** The next connection; one waiter at a time. */
  async accept(): Promise<RawEnd> {
    return new RawEnd(await this.#upstream.next());
  }

  /** How many came that nobody took. */
  get untaken(): number {
    return this.#upstream.untaken;
  }

  [Symbol.dispose](): void {
    this.#upstream[Symbol.dispose]();
  }
}
