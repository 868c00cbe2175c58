import { AsyncLocalStorage } from "node:async_hooks";
import type { LoggedChange } from "./change-log.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { Change } from "./store.ts";

export type ReadChanges = (afterSeq: number) => Promise<readonly LoggedChange[]>;

/** Hands each committed change to every listener, once and in order, whoever made it. */
export class ChangeFeed {
  readonly #read: ReadChanges;
  readonly #onFault: (error: unknown) => void;
  readonly #listeners = new Set<(changes: readonly Change[]) => void>();
  readonly #reads = new OneAtATime();
  #told: number;

  /** What has a number up to `told` is known already. Faults of listeners, and of reading in the background, go to `onFault`. */
  constructor(read: ReadChanges, told: number, onFault: (error: unknown) => void) {
    this.#read = read;
    this.#told = told;
    this.#onFault = onFault;
  }

  listen(listener: (changes: readonly Change[]) => void): () => void {
    // What a listener begins is no part of the reading that told it: it may change the store in its turn.
    const outside = AsyncLocalStorage.snapshot();
    const own = (changes: readonly Change[]): void => outside(listener, changes); // the same function may listen twice
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** When it resolves, everything that was committed before the call has been told. */
  async catchUp(): Promise<void> {
    try {
      await this.#reads.run(() => this.#tellAll());
    } catch (error) {
      this.#onFault(error); // the next time tells what is missing now
    }
  }

  async #tellAll(): Promise<void> {
    for (;;) {
      const logged = await this.#read(this.#told);
      const last = logged.at(-1);
      if (last === undefined) return;
      this.#told = last.seq;
      this.#tell(logged.map(({ change }) => change));
    }
  }

  #tell(changes: readonly Change[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch (error) {
        this.#onFault(error);
      }
    }
  }
}
