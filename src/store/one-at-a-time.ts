/** Works that are done one after the other, in the order in which they came. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  /** Begins when every earlier work has ended, well or not. */
  run<R>(work: () => Promise<R>): Promise<R> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }

  /** Resolves when everything that was begun so far has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
