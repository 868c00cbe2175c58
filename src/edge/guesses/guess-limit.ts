/**
 * Makes guessing of secrets slow: a lane for each network, in which strangers wait for each other. Who has been right from a network
 * has a lane of its own there, so that strangers at the same address keep waiting none of those who were there before.
 */
import type { Clock } from "../../base/clock.ts";
import { networkOf } from "../../model/address-network.ts";
import { GuessLane, type GuessRate } from "./guess-lane.ts";

/** Counted at a time, as strangers have many networks. What was met longest ago is forgotten first. */
const MAX_LANES = 10_000;
/** Those who were right, each from one network. */
const MAX_KNOWN = 10_000;

export interface GuesserFrom {
  /** Without port. */
  readonly ip: string;
  /**
   * Of the record that the secret says that it belongs to: no part of the secret, since who is right takes another lane than who is not.
   * `undefined` when it names none.
   */
  readonly name: string | undefined;
  /** Whether there is still somebody to answer. */
  readonly isHere: () => boolean;
}

/** One secret that may be looked at now. Ends when it is disposed; one that is neither right nor wrong by then was none. */
export interface Guess extends Disposable {
  readonly right: () => void;
  /** Answers for how many milliseconds as many were wrong as may be, from before this one; 0: fewer were. */
  readonly wrong: () => number;
}

export class GuessLimit {
  readonly #rate: GuessRate;
  readonly #clock: Clock;
  readonly #lanes = new Map<string, GuessLane>();
  readonly #known = new Set<string>();
  /** What cancels the waking of a lane. */
  readonly #wakes = new Map<GuessLane, () => void>();

  constructor(rate: GuessRate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Settles when the secret may be looked at; `undefined` when it may not be, as too many wait, or nobody is there any more. */
  async begin({ ip, name, isHere }: GuesserFrom): Promise<Guess | undefined> {
    const network = networkOf(ip);
    const own = name === undefined ? undefined : `${network} ${name}`;
    const key = own !== undefined && this.#known.has(own) ? own : network;
    const lane = this.#laneOf(key);
    const turn = await new Promise<"begins" | "refused">((onTurn) => {
      lane.arrive({ isHere, onTurn }, this.#clock.nowMs());
      this.#wake(key, lane);
    });
    if (turn === "refused") return undefined;

    let isOver = false;
    const settle = (wasWrong: boolean): void => {
      if (isOver) return;
      isOver = true;
      lane.settle(wasWrong, this.#clock.nowMs());
      this.#wake(key, lane);
    };
    return {
      right: () => {
        if (own !== undefined) this.#remember(own);
        settle(false);
      },
      wrong: () => {
        const spentForMs = lane.spentForMs(this.#clock.nowMs());
        settle(true);
        return spentForMs;
      },
      [Symbol.dispose]: () => settle(false),
    };
  }

  #laneOf(key: string): GuessLane {
    const lane = this.#lanes.get(key) ?? new GuessLane(this.#rate);
    this.#lanes.delete(key);
    this.#lanes.set(key, lane);
    if (this.#lanes.size > MAX_LANES) this.#forgetOne();
    return lane;
  }

  #forgetOne(): void {
    for (const [key, lane] of this.#lanes) if (lane.isIdle) return void this.#lanes.delete(key);
  }

  #remember(own: string): void {
    this.#known.delete(own);
    this.#known.add(own);
    const [oldest] = this.#known;
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }

  #wake(key: string, lane: GuessLane): void {
    this.#wakes.get(lane)?.();
    this.#wakes.delete(lane);
    const nowMs = this.#clock.nowMs();
    const wakeAtMs = lane.wakeAtMs(nowMs);
    if (wakeAtMs !== undefined) {
      const wake = (): void => {
        lane.advance(this.#clock.nowMs());
        this.#wake(key, lane);
      };
      this.#wakes.set(lane, this.#clock.after(Math.max(0, wakeAtMs - nowMs), wake));
    } else if (lane.isIdle && lane.failures(nowMs) === 0 && this.#lanes.get(key) === lane) {
      this.#lanes.delete(key);
    }
  }
}
