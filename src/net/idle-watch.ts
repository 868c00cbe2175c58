/**
 * Deadlines of very many connections with one coarse timer. A deadline is never early, and at most about two seconds late;
 * to put it off costs one integer store.
 */
import type { Clock } from "../base/clock.ts";
import { warnOfFault, type OnFault } from "./faults.ts";

/** The step of the coarse time. The timer runs only while something is watched. */
const TICK_MS = 1_000;

/** One deadline. */
export interface Watched {
  /** There was progress: the whole limit begins again. */
  touch(): void;
  /** The deadline no longer applies. May be called twice, and after it passed. */
  stop(): void;
}

export class IdleWatch {
  readonly #clock: Clock;
  readonly #onFault: OnFault;
  /** By the tick at which they are looked at next. */
  readonly #due = new Map<number, Set<Deadline>>();
  /** Counts the timer's calls, not the time: after a stall of the process nothing expires before its peer was heard. */
  #tick = 0;
  #cancelTick: (() => void) | undefined;

  constructor(clock: Clock, onFault: OnFault = warnOfFault) {
    this.#clock = clock;
    this.#onFault = onFault;
  }

  /**
   * Calls `onIdle` once when `limitMs` have passed without a `touch`. Without any `touch` it is an absolute deadline, for a
   * handshake or a head.
   */
  watch(limitMs: number, onIdle: () => void): Watched {
    const deadline = new Deadline(this, Math.ceil(limitMs / TICK_MS), onIdle);
    this.#file(deadline);
    this.#tickWhileNeeded();
    return deadline;
  }

  /** The coarse time now. */
  get tick(): number {
    return this.#tick;
  }

  forget(deadline: Deadline): void {
    const group = this.#due.get(deadline.dueTick);
    if (group?.delete(deadline) === true && group.size === 0) this.#due.delete(deadline.dueTick);
    this.#tickWhileNeeded();
  }

  #file(deadline: Deadline): void {
    deadline.dueTick = deadline.expiresAtTick;
    const group = this.#due.get(deadline.dueTick);
    if (group === undefined) this.#due.set(deadline.dueTick, new Set([deadline]));
    else group.add(deadline);
  }

  #onTick(): void {
    this.#tick += 1;
    this.#cancelTick = undefined;
    const group = this.#due.get(this.#tick) ?? new Set();
    this.#due.delete(this.#tick);
    for (const deadline of group) {
      // One of the same tick may have stopped this one.
      if (deadline.isOver) continue;
      if (deadline.expiresAtTick > this.#tick) this.#file(deadline);
      else this.#expire(deadline);
    }
    this.#tickWhileNeeded();
  }

  #tickWhileNeeded(): void {
    if (this.#due.size > 0) {
      this.#cancelTick ??= this.#clock.after(TICK_MS, () => this.#onTick());
      return;
    }
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  #expire(deadline: Deadline): void {
    try {
      deadline.expire();
    } catch (fault) {
      this.#onFault(fault);
    }
  }
}

class Deadline implements Watched {
  dueTick = 0;
  #touchedTick: number;
  readonly #limitTicks: number;
  readonly #watch: IdleWatch;
  readonly #onIdle: () => void;
  #isOver = false;

  constructor(watch: IdleWatch, limitTicks: number, onIdle: () => void) {
    this.#watch = watch;
    this.#limitTicks = limitTicks;
    this.#onIdle = onIdle;
    this.#touchedTick = watch.tick;
  }

  /** It has passed, or was stopped. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get expiresAtTick(): number {
    // One more: the touch may have come at the very end of its tick.
    return this.#touchedTick + this.#limitTicks + 1;
  }

  touch(): void {
    this.#touchedTick = this.#watch.tick;
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watch.forget(this);
  }

  expire(): void {
    this.#isOver = true;
    this.#onIdle();
  }
}
