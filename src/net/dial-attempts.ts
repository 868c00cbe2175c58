/**
 * Counts attempts to connect, each of which has a descriptor. Bun cannot cancel them: one that nobody waits for any more stays until
 * the kernel knows of an end, which takes minutes where nothing answers. So whoever dials for strangers looks here first.
 */
export class DialAttempts {
  readonly #whole: DialAttempts | undefined;
  #underWay = 0;
  #abandoned = 0;

  /** `whole` counts these too. */
  constructor(whole?: DialAttempts) {
    this.#whole = whole;
  }

  /** Also those that were abandoned. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Nobody waits for them any more. */
  get abandoned(): number {
    return this.#abandoned;
  }

  began(): void {
    this.#underWay += 1;
    this.#whole?.began();
  }

  /** So many of those under way are of no more use. */
  abandon(count: number): void {
    this.#abandoned += count;
    this.#whole?.abandon(count);
  }

  ended(wasAbandoned: boolean): void {
    this.#underWay -= 1;
    if (wasAbandoned) this.#abandoned -= 1;
    this.#whole?.ended(wasAbandoned);
  }
}
