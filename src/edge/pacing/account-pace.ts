/**
 * The bytes per second of one account at this edge, shared by all of its connections and both of their directions: whoever
 * has something to move gets its turn, one after the other. Nothing is ever dropped; who is not at its turn waits.
 */
import type { Clock } from "../../base/clock.ts";
import type { OnFault } from "../../net/faults.ts";
import { ByteBucket } from "../../policy/byte-bucket.ts";

/** Of one turn. Small, so that a connection with large pieces gets no more than others. */
export const TURN_BYTES = 16 * 1024;

/** Who waits sees a limit that was changed within this time. */
export const RECHECK_MS = 1_000;

/** One direction of a connection. */
export interface PacedWay {
  /** It has something that it could move now. */
  readonly isReady: boolean;
  /** Moves up to as many bytes, and says how many it were. */
  move(maxBytes: number): number;
  /** It is of no use any more: a fault of ours came from its turn. */
  fail(): void;
}

export interface AccountPaceOptions {
  /** Bytes per second as they are now; Infinity: no limit any more. */
  readonly rate: () => number;
  readonly clock: Clock;
  readonly onFault: OnFault;
}

export class AccountPace {
  readonly #options: AccountPaceOptions;
  readonly #bucket: ByteBucket;
  /** In the order of their turns. */
  readonly #waiting = new Set<PacedWay>();
  /** Only while somebody waits. */
  #cancelWake: (() => void) | undefined;

  constructor(options: AccountPaceOptions) {
    this.#options = options;
    this.#bucket = new ByteBucket(options.rate(), options.clock.nowMs());
  }

  /** Whoever asks may move at once as much as is free, unless others wait; the rest follows on later turns of the event loop. */
  moveNow(way: PacedWay): void {
    if (this.#waiting.size === 0) this.#giveTurns(way);
    if (way.isReady) this.moveLater(way);
  }

  moveLater(way: PacedWay): void {
    if (!way.isReady) return;
    this.#waiting.add(way);
    this.#wakeInTime();
  }

  /** Bytes that have left without waiting, such as the head of a request: others wait for them. */
  charge(bytes: number): void {
    this.#refill();
    this.#bucket.take(bytes);
  }

  #giveTurns(way: PacedWay): void {
    while (way.isReady) {
      const free = this.#refill();
      if (free < 1) return;
      this.#bucket.take(way.move(Math.min(free, TURN_BYTES)));
    }
  }

  #onWake(): void {
    this.#cancelWake = undefined;
    for (const way of this.#waiting) {
      const free = this.#refill();
      if (free < 1) break;
      this.#waiting.delete(way);
      try {
        if (way.isReady) this.#bucket.take(way.move(Math.min(free, TURN_BYTES)));
      } catch (fault) {
        this.#options.onFault(fault);
        way.fail();
      }
      // To the end of the line: a set goes on to what was added meanwhile.
      if (way.isReady) this.#waiting.add(way);
    }
    this.#wakeInTime();
  }

  #wakeInTime(): void {
    if (this.#waiting.size === 0 || this.#cancelWake !== undefined) return;
    const { clock } = this.#options;
    const waitMs = this.#bucket.waitMs(clock.nowMs());
    this.#cancelWake = clock.after(Math.min(waitMs, RECHECK_MS), () => this.#onWake());
  }

  /** What is free now, by the limit of now. */
  #refill(): number {
    const nowMs = this.#options.clock.nowMs();
    const rate = this.#options.rate();
    this.#bucket.setRate(rate === Infinity ? Number.MAX_SAFE_INTEGER : rate, nowMs);
    return this.#bucket.available(nowMs);
  }
}
