/** Which packets a line loses: a choice of its own for each, and the same ones in every run with the same seed. */

/** Marsaglia's xorshift with 32 bits of state: cheap, and even enough for losses of a percent. */
export class SeededLoss {
  readonly #threshold: number;
  #state: number;

  /** `share` of 0 to 1; a seed of any whole number. */
  constructor(share: number, seed: number) {
    this.#threshold = share * 2 ** 32;
    // A state of zero would stay zero. The factor spreads seeds that are close to each other.
    this.#state = Math.imul(seed + 1, 0x9e3779b1) || 1;
  }

  /** Asked once per packet, in order. */
  losesNext(): boolean {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0 < this.#threshold;
  }
}
