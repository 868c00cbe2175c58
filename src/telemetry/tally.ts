/** Words that are counted at a time; those that come later count together. */
const MAX_WORDS = 64;
const OTHERS = "other";

/** Counts how often words of ours came: codes, reasons. Never what a stranger says. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(word: string): void {
    const counted = this.#counts.has(word) || this.#counts.size < MAX_WORDS ? word : OTHERS;
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1);
  }

  /** In alphabetical order. */
  get counts(): readonly (readonly [word: string, count: number])[] {
    return [...this.#counts].toSorted(([one], [other]) => (one < other ? -1 : 1));
  }
}
