import type { Clock } from "../../base/clock.ts";
import { CLOSE_DEADLINE_MS } from "../../net/mux-link.ts";

/** A session that was told to close has ended before, whatever its agent does. */
const CLOSE_ALL_MS = CLOSE_DEADLINE_MS + 1_000;

interface ClosableLeg {
  readonly id: string;
  close(reason: string): void;
}

/** The connections of agents, from the first to the last byte, whether they were let in or not. */
export class OpenLegs<L extends ClosableLeg> {
  readonly #legs = new Map<string, L>();
  readonly #empty = Promise.withResolvers<void>();
  #closesBecause: string | undefined;

  /** One that comes while all are told to go is told so too. */
  add(leg: L): void {
    this.#legs.set(leg.id, leg);
    if (this.#closesBecause !== undefined) leg.close(this.#closesBecause);
  }

  get(id: string): L | undefined {
    return this.#legs.get(id);
  }

  get size(): number {
    return this.#legs.size;
  }

  remove({ id }: Pick<L, "id">): void {
    this.#legs.delete(id);
    this.#look();
  }

  /**
   * Says goodbye to all, also to those that still come, and resolves when they have gone, or should have by their own
   * deadlines. May be called twice.
   */
  async closeAll(reason: string, clock: Clock): Promise<void> {
    this.#closesBecause = reason;
    for (const leg of this.#legs.values()) leg.close(reason);
    // One that a fault has left behind here would keep the edge from ever ending.
    const cancel = clock.after(CLOSE_ALL_MS, () => this.#empty.resolve());
    this.#look();
    await this.#empty.promise;
    cancel();
  }

  #look(): void {
    if (this.#closesBecause !== undefined && this.#legs.size === 0) this.#empty.resolve();
  }
}
