/** Of what is left, what a window may grow by: the first few that are fast leave something to those that come later. */
const GROWTH_SHARE = 1 / 4;
/** Of the whole, what is left when windows are to give back what their streams do not need. */
const SHORT_SHARE = 1 / 2;

/**
 * How much all receive windows of a session together may grow beyond their first size: bounds what slow readers hold.
 *
 * It stays taken while the peer may send it, used or not: the protocol has no way to take credit back. So an idle stream that was fast once
 * keeps its growth until it says little again ({@link ReceiveWindow.consume}) or ends, and those that come when nothing is left have their
 * first window, 256 KiB per round trip: 42 Mbit/s each at 50 ms. Of 64 MiB, with windows of 8 MiB (1 Gbit/s at 50 ms), the 18th fast stream is
 * the first that cannot grow; with 1 MiB each, which is what a round trip below 8 ms lets them have, it is the 88th.
 */
export class GrowthBudget {
  readonly #bytes: number;
  #leftBytes: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#leftBytes = bytes;
  }

  get leftBytes(): number {
    return this.#leftBytes;
  }

  /** What a window that doubles may take. */
  get shareBytes(): number {
    return this.#leftBytes * GROWTH_SHARE;
  }

  /** Who does not need its growth is to give it back. */
  get isShort(): boolean {
    return this.#leftBytes < this.#bytes * SHORT_SHARE;
  }

  /** False, and nothing is taken, when less is left. */
  take(bytes: number): boolean {
    if (bytes > this.#leftBytes) return false;
    this.#leftBytes -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#leftBytes += bytes;
  }
}
