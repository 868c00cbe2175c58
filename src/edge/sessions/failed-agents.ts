/** Slows down the guessing of authtokens. Knows no tokens, only who failed. */
import type { Clock } from "../../base/clock.ts";
import { PublicError } from "../../base/errors.ts";
import { networkOf } from "../../model/address-network.ts";
import { RateLimit } from "../../policy/rate-limit.ts";

/** Authtokens that were wrong, from one address in a window: a fleet behind one router whose token was deleted, and a few slips. */
export const MAX_FAILURES_OF_ADDRESS = 30;
export const FAILURE_WINDOW_MS = 600_000;
/** Each guess too many holds a connection and its session for this long. */
export const HOLD_MS = 1_000;

/**
 * A token that is right is never refused: whole fleets may share an address, and one stranger there must not shut them out. But
 * once an address has failed too often, everything from there waits before it is looked at, right or wrong: an answer that does
 * not come at once must not tell that the token was wrong.
 */
export class FailedAgents {
  readonly #failures = new RateLimit({ capacity: MAX_FAILURES_OF_ADDRESS, windowMs: FAILURE_WINDOW_MS });
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Settles when a token from this address, which has no port, may be looked at. */
  async turn(ip: string): Promise<void> {
    if (!this.#failures.isSpent(networkOf(ip), this.#clock.nowMs())) return;
    await new Promise<void>((resolve) => {
      this.#clock.after(HOLD_MS, resolve);
    });
  }

  /** Counts a token that nobody knows. Answers what to tell: with another code when there were too many. */
  refusal(ip: string): PublicError {
    const isOneTooMany = this.#failures.take(networkOf(ip), this.#clock.nowMs()) !== undefined;
    if (!isOneTooMany) return new PublicError("ERR_NGROK_107", {});
    return new PublicError("ERR_GINNEL_FAILED_AGENTS", { limit: MAX_FAILURES_OF_ADDRESS });
  }
}
