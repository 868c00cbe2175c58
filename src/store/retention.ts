/** Removes in the background what a store keeps only for a while, in small steps between which others get their turn. */
import type { Clock } from "../base/clock.ts";
import type { Store } from "./store.ts";

const DAY_MS = 86_400_000;
/** Listeners are behind by seconds; a node that was cut off from the database for longer has to start anew. */
export const CHANGES_KEPT_MS = 7 * DAY_MS;
export const AUDIT_KEPT_MS = 366 * DAY_MS;
const LOOK_EVERY_MS = 3_600_000;
const PAUSE_MS = 1_000;

export interface RetentionOptions {
  readonly clock: Clock;
  /** The store failed; it is tried again with the next look. */
  readonly onFault: (error: unknown) => void;
}

export class Retention implements AsyncDisposable {
  readonly #store: Pick<Store, "trim">;
  readonly #options: RetentionOptions;
  #cancel: () => void = () => {};
  #step: Promise<void> = Promise.resolve();
  #isDisposed = false;

  /** Looks once now, and then every hour. The store stays the caller's, and must be open until this is disposed of. */
  constructor(store: Pick<Store, "trim">, options: RetentionOptions) {
    this.#store = store;
    this.#options = options;
    this.#begin();
  }

  /** Waits for the step that is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#cancel();
    await this.#step;
  }

  #begin(): void {
    this.#step = this.#trim();
  }

  /** Never rejects. */
  async #trim(): Promise<void> {
    const { clock, onFault } = this.#options;
    const nowMs = clock.date().getTime();
    let waitMs = LOOK_EVERY_MS;
    try {
      const limits = { changes: new Date(nowMs - CHANGES_KEPT_MS), audit: new Date(nowMs - AUDIT_KEPT_MS) };
      if (await this.#store.trim(limits)) waitMs = PAUSE_MS;
    } catch (error) {
      onFault(error);
    }
    if (!this.#isDisposed) this.#cancel = clock.after(waitMs, () => this.#begin());
  }
}
