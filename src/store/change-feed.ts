import { AsyncLocalStorage } from "node:async_hooks";
import type { LoggedChanges } from "./change-log.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { Change, ReloadRecords } from "./store.ts";
import { UnreadableChange } from "./unreadable-change.ts";

export type ReadChanges = (afterSeq: number) => Promise<LoggedChanges>;

interface Listener {
  readonly hear: (changes: readonly Change[]) => void;
  readonly reload: ReloadRecords;
}

/** Hands each committed change to every listener, once and in order, whoever made it. */
export class ChangeFeed {
  readonly #read: ReadChanges;
  readonly #onFault: (error: unknown) => void;
  readonly #listeners = new Set<Listener>();
  readonly #reads = new OneAtATime();
  /** What was said of kinds that nobody knows; each is said once. */
  readonly #reported = new Set<string>();
  #told: number;

  /** What has a number up to `told` is known already. Faults of listeners, and of reading in the background, go to `onFault`. */
  constructor(read: ReadChanges, told: number, onFault: (error: unknown) => void) {
    this.#read = read;
    this.#told = told;
    this.#onFault = onFault;
  }

  /** Changes come one by one: a listener that fails at one hears the next. See {@link Store.listen} for `reload`. */
  listen(hear: (changes: readonly Change[]) => void, reload: ReloadRecords = () => Promise.resolve()): () => void {
    // What a listener begins is no part of the reading that told it: it may change the store in its turn.
    const outside = AsyncLocalStorage.snapshot();
    // The same function may listen twice.
    const own = { hear: (changes: readonly Change[]) => outside(hear, changes), reload: () => outside(reload) };
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
      const { changes, isWhole } = await this.#read(this.#told);
      const last = changes.at(-1);
      if (last === undefined) return;
      // When it fails, the next time finds the same gap.
      if (!isWhole) for (const { reload } of this.#listeners) await reload();
      this.#told = last.seq;
      // Behind the last of them: what is told after that is newer than what was missed, and never takes its place again.
      const reloadAt = changes.findLastIndex(
        ({ change }) => change instanceof UnreadableChange && change.isOfKnownKind,
      );
      for (const [at, { change }] of changes.entries()) {
        if (!(change instanceof UnreadableChange)) this.#tell(change);
        else this.#report(change);
        if (at === reloadAt) await this.#reloadAll();
      }
    }
  }

  #report(change: UnreadableChange): void {
    if (!change.isOfKnownKind) {
      if (this.#reported.has(change.message)) return;
      this.#reported.add(change.message);
    }
    this.#onFault(change);
  }

  /** The records themselves may be readable where they lie. If not, nothing that comes later waits for them. */
  async #reloadAll(): Promise<void> {
    for (const { reload } of this.#listeners) {
      try {
        await reload();
      } catch (error) {
        this.#onFault(error);
      }
    }
  }

  #tell(change: Change): void {
    for (const { hear } of this.#listeners) {
      try {
        hear([change]);
      } catch (error) {
        this.#onFault(error);
      }
    }
  }
}
