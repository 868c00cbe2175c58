/**
 * Whether some on the session say little at a time: questions, answers, messages. What they say is to be heard soon, so those
 * with much to say have no more under way meanwhile than they need ({@link ReceiveWindow}).
 */

/** What counts as little, in a frame or waiting for one: an answer of an API, or a message. */
export const SHORT_BYTES = 16_384;
/** One who asks twice a second finds the way free each time; a single message costs others next to nothing. */
const MEMORY_MS = 500;

export class SmallTalk {
  #talker: number | undefined;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  /** When one of the others was heard. */
  #othersHeardAtMs = Number.NEGATIVE_INFINITY;

  /** This stream says little. */
  heard(id: number, nowMs: number): void {
    if (id !== this.#talker) {
      this.#othersHeardAtMs = this.#heardAtMs;
      this.#talker = id;
    }
    this.#heardAtMs = nowMs;
  }

  /** Whether others than this stream do: much to say begins with little too. */
  isGoingOnBeside(id: number, nowMs: number): boolean {
    const heardAtMs = id === this.#talker ? this.#othersHeardAtMs : this.#heardAtMs;
    return nowMs - heardAtMs < MEMORY_MS;
  }
}
