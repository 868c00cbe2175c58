/** The connections that are open, or may become those of visitors, so that an edge can stop without cutting them. */

export interface OpenVisitor {
  /** Ends as soon as nothing is under way; may end at once, or never. */
  drain(): void;
  /** Ends now, whatever is under way. */
  cut(): void;
}

export class OpenVisitors {
  readonly #visitors = new Set<OpenVisitor>();
  #isDraining = false;
  readonly #empty = Promise.withResolvers<void>();

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
    this.#look();
  }

  /** Asks every visitor to end, and resolves when none is left. A further call waits for the same. */
  drain(): Promise<void> {
    if (!this.#isDraining) {
      this.#isDraining = true;
      for (const visitor of this.#visitors) visitor.drain();
    }
    this.#look();
    return this.#empty.promise;
  }

  cut(): void {
    for (const visitor of this.#visitors) visitor.cut();
  }

  #look(): void {
    if (this.#isDraining && this.#visitors.size === 0) this.#empty.resolve();
  }
}
