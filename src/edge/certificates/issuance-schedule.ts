import { type Backoff, pauseBefore } from "../../base/backoff.ts";

/** Public authorities allow five failed validations of a name in an hour, and make an account wait for everything beyond. */
const PAUSES: Backoff = { firstMs: 60_000, growth: 4, maxMs: 12 * 3_600_000 };
/** A third of what the best-known public authority allows an account. */
const ORDERS_PER_WINDOW = 100;
const WINDOW_MS = 3 * 3_600_000;
const ORDERS_AT_ONCE = 4;
/** Names whose failures are remembered; the one that failed longest ago goes first. */
const NAMES_REMEMBERED = 10_000;

interface Failures {
  readonly count: number;
  readonly notBeforeMs: number;
}

/**
 * When an order may be made, so that no authority has reason to shut us out: one at a time for each set of names, a few at
 * once, so many in three hours, and growing pauses after failures. Times are those of a clock that never goes back.
 */
export class IssuanceSchedule {
  readonly #running = new Set<string>();
  readonly #failures = new Map<string, Failures>();
  /** Starts within the window, oldest first. */
  #starts: number[] = [];
  #allWaitUntilMs = 0;

  /** Begins an order if it may begin now; the answer then says how many for these names failed in a row before. */
  begin(key: string, nowMs: number): { readonly failuresBefore: number } | undefined {
    const failures = this.#failures.get(key);
    this.#starts = this.#starts.filter((startMs) => startMs > nowMs - WINDOW_MS);
    const mustWait =
      this.#running.has(key) ||
      this.#running.size >= ORDERS_AT_ONCE ||
      this.#starts.length >= ORDERS_PER_WINDOW ||
      nowMs < this.#allWaitUntilMs ||
      (failures !== undefined && nowMs < failures.notBeforeMs);
    if (mustWait) return undefined;
    this.#running.add(key);
    this.#starts.push(nowMs);
    return { failuresBefore: failures?.count ?? 0 };
  }

  succeed(key: string): void {
    this.#running.delete(key);
    this.#failures.delete(key);
  }

  /** It was not begun after all: somebody else sees to these names, at least until then. */
  leave(key: string, untilMs: number): void {
    this.#running.delete(key);
    this.#starts.pop();
    this.#remember(key, { count: this.#failures.get(key)?.count ?? 0, notBeforeMs: untilMs });
  }

  /**
   * `random` is in [0, 1). `retryAfterMs`: the authority asked for a pause of all orders. Answers the pause for these names, in
   * milliseconds.
   */
  fail(key: string, nowMs: number, random: number, retryAfterMs = 0): number {
    this.#running.delete(key);
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const pauseMs = Math.max(retryAfterMs, pauseBefore(count, PAUSES, random));
    this.#remember(key, { count, notBeforeMs: nowMs + pauseMs });
    this.#allWaitUntilMs = Math.max(this.#allWaitUntilMs, nowMs + retryAfterMs);
    return pauseMs;
  }

  #remember(key: string, failures: Failures): void {
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= NAMES_REMEMBERED) break;
      this.#failures.delete(oldest);
    }
  }
}
