/** The ids that we reset last: what the peer had under way for them is no mistake of its. Forgets the oldest. */

/** More than the streams that a session holds at a time; a late frame for an older one costs one needless RST. */
const REMEMBERED_IDS = 1024;

export class RecentIds {
  readonly #ids = new Set<number>();

  add(id: number): void {
    this.#ids.delete(id); // to the end of the order
    this.#ids.add(id);
    if (this.#ids.size <= REMEMBERED_IDS) return;
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      break;
    }
  }

  delete(id: number): void {
    this.#ids.delete(id);
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }
}
