import { AsyncLocalStorage } from "node:async_hooks";

/** Works that are done one after the other, in the order in which they came. */
export class OneAtATime {
  readonly #within = new AsyncLocalStorage<true>();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Begins when every earlier work has ended, well or not.
   * @throws Error when it is called from within a work, which would wait for itself
   */
  run<R>(work: () => Promise<R>): Promise<R> {
    if (this.#within.getStore() === true) throw new Error("called from within a change: use its transaction");
    const mine = this.#last.then(() => this.#within.run(true, work));
    this.#last = mine.catch(() => {});
    return mine;
  }

  /** Resolves when everything that was begun so far has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
