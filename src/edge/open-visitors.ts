/** The connections of visitors that are open, so that an edge can stop without cutting them. */

export interface OpenVisitor {
  /** Ends as soon as nothing is under way; may end at once, or never. */
  drain(): void;
  /** Ends now, whatever is under way. */
  cut(): void;
}

export class OpenVisitors {
  readonly #visitors = new Set<OpenVisitor>();
  #isDraining = false;
  #onEmpty: (() => void) | undefined;

  get count(): number {
    return this.#visitors.size;
  }

  /** New exchanges are not begun any more. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  add(visitor: OpenVisitor): void {
    this.#visitors.add(visitor);
    if (this.#isDraining) visitor.drain();
  }

  remove(visitor: OpenVisitor): void {
    this.#visitors.delete(visitor);
    if (this.#visitors.size === 0) this.#onEmpty?.();
  }

  /** Asks every visitor to end, and resolves when none is left. */
  drain(): Promise<void> {
    this.#isDraining = true;
    for (const visitor of this.#visitors) visitor.drain();
    if (this.#visitors.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  cut(): void {
    for (const visitor of this.#visitors) visitor.cut();
  }
}
