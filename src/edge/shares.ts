/** What each of many takes of something, none of them more than its share. */
export class Shares {
  readonly #limit: number;
  /** Only of those that hold some. */
  readonly #held = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False, and nothing is taken, when its share has no such amount left. */
  take(holder: string, amount: number): boolean {
    const held = (this.#held.get(holder) ?? 0) + amount;
    if (held > this.#limit) return false;
    this.#held.set(holder, held);
    return true;
  }

  give(holder: string, amount: number): void {
    const held = (this.#held.get(holder) ?? 0) - amount;
    if (held > 0) this.#held.set(holder, held);
    else this.#held.delete(holder);
  }
}
