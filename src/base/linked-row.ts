/** Somebody who stands in one {@link LinkedRow} at a time, which alone changes these. */
export interface InRow<P> {
  before: P | undefined;
  after: P | undefined;
}

/** A row that anybody leaves from wherever he stands, at the same cost. (The first of a Set is found behind all those that left.) */
export class LinkedRow<P extends InRow<P>> {
  #first: P | undefined;
  #last: P | undefined;

  /** Who stands here longest. */
  get first(): P | undefined {
    return this.#first;
  }

  /** At the end; stands in no row yet. */
  append(one: P): void {
    one.before = this.#last;
    if (this.#last === undefined) this.#first = one;
    else this.#last.after = one;
    this.#last = one;
  }

  /** Stands in this row. */
  remove(one: P): void {
    const { before, after } = one;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    one.before = undefined;
    one.after = undefined;
  }
}
