/**
 * What the streams of a session together make us hold, of one kind: bytes that were received and not taken, or that were written and
 * have not left. Windows and back-pressure bound what one stream holds; there may be tens of thousands, all of one stranger.
 */
import { MUX_ERRORS } from "./error-codes.ts";

/** A thousand streams that nobody reads, with a full first window each and a frame at their listeners; and all growth of windows. */
export const MAX_UNREAD_BYTES = 384 * 1024 * 1024;
/** A thousand streams that the peer takes nothing of: what their writers stop at, and one read of a socket of 512 KiB each. */
export const MAX_UNSENT_BYTES = 768 * 1024 * 1024;
/** Left of the limit when room was made, so that it is seldom made: looking for it takes as long as there are streams. */
const SHARE_KEPT = 7 / 8;
/** Of the limit, what is held without a thought of what else is in the same buffers. */
const SHARE_UNCOPIED = 1 / 8;

/** A stream, as far as it matters here. */
export interface Holder {
  /** When some of what it holds was taken or left, or it began to hold something. */
  readonly movedAtMs: number;
  reset(code: number): void;
}

export class HeldBytes<Stream extends Holder> {
  readonly #limitBytes: number;
  readonly #of: (stream: Stream) => number;
  #bytes = 0;

  /** `of`: what a stream holds of that kind. */
  constructor(limitBytes: number, of: (stream: Stream) => number) {
    this.#limitBytes = limitBytes;
    this.#of = of;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * So much that what is added is to be copied out of what it came in: a buffer that a read filled stays as long as any piece of it
   * does, so that a few streams could hold what was meant for all.
   */
  get isMuch(): boolean {
    return this.#bytes > this.#limitBytes * SHARE_UNCOPIED;
  }

  /** A stream holds this much more, or less. False: all together hold more than they may, see {@link makeRoom}. */
  change(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#bytes <= this.#limitBytes;
  }

  /**
   * Resets streams, those first of which nothing has moved for longest, until an eighth of the limit is free; whoever is slow
   * outlives those who do nothing. Those with less than half of what streams hold on average are spared: together they have less
   * than half of all.
   */
  makeRoom(streams: Iterable<Stream>): void {
    const holders = [...streams].filter((stream) => this.#of(stream) > 0);
    const spared = this.#bytes / holders.length / 2;
    const standing = holders.filter((stream) => this.#of(stream) >= spared).sort((a, b) => a.movedAtMs - b.movedAtMs);
    for (const stream of standing) {
      if (this.#bytes <= this.#limitBytes * SHARE_KEPT) return;
      stream.reset(MUX_ERRORS.enhanceYourCalm);
    }
  }
}
