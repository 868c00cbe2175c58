/** A clock that stands still until the test moves it. */
import type { Clock } from "../../src/base/clock.ts";

/** Far from where {@link ManualClock.nowMs} starts, so that whoever takes one time for the other is found out. */
const MADE_AT_MS = Date.UTC(2026, 0, 1);

interface Alarm {
  readonly atMs: number;
  readonly wake: () => void;
}

export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #alarms = new Set<Alarm>();

  nowMs(): number {
    return this.#nowMs;
  }

  date(): Date {
    return ManualClock.dateAt(this.#nowMs);
  }

  /** What the wall says when a clock is so old. */
  static dateAt(nowMs: number): Date {
    return new Date(MADE_AT_MS + nowMs);
  }

  after(delayMs: number, wake: () => void): () => void {
    const alarm = { atMs: this.#nowMs + delayMs, wake };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** Moves the time and wakes everything due on the way, in order, each at its own time. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (let next = this.#nextUntil(untilMs); next !== undefined; next = this.#nextUntil(untilMs)) {
      this.#alarms.delete(next);
      this.#nowMs = next.atMs;
      next.wake();
    }
    this.#nowMs = untilMs;
  }

  #nextUntil(untilMs: number): Alarm | undefined {
    return [...this.#alarms].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
  }
}
