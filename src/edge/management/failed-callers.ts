/** Slows down the guessing of API keys, at every entrance of the edge together. */
import type { Clock } from "../../base/clock.ts";
import { PublicError } from "../../base/errors.ts";
import { idSuffixIn } from "../../model/access-token.ts";
import { LONGEST_WAIT_MS } from "../guesses/guess-lane.ts";
import { GuessLimit } from "../guesses/guess-limit.ts";
import { CallRefused } from "./failure-answer.ts";

/** Keys that were wrong, from one address in a window: a team behind one router mistypes on a Monday morning. */
export const MAX_FAILURES_OF_ADDRESS = 30;
export const FAILURE_WINDOW_MS = 600_000;
const NOT_PROVED = 401;

export interface ShownKey {
  /** Where the call comes from, without port. */
  readonly ip: string;
  readonly key: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Once an address has failed too often, keys from there are looked at one after the other, right or wrong. Whole teams may share an address, behind a
 * balancer everybody does, and one stranger there must not shut them out: a key that was right from there before does
 * not wait for those of others (see {@link GuessLimit}).
 */
export class FailedCallers {
  readonly #guesses: GuessLimit;

  constructor(clock: Clock) {
    this.#guesses = new GuessLimit({ maxFailures: MAX_FAILURES_OF_ADDRESS, windowMs: FAILURE_WINDOW_MS }, clock);
  }

  /**
   * What `prove` makes of the key. It rejects with a PublicError of status 401 where the key is wrong.
   * @throws CallRefused 429 with how long to wait, in place of the 401, and where the key was not looked at
   */
  async check<R>({ ip, key, signal }: ShownKey, prove: () => Promise<R>): Promise<R> {
    using guess = await this.#guesses.begin({ ip, name: idSuffixIn(key), isHere: () => !signal.aborted });
    if (guess === undefined) throw tooMany(LONGEST_WAIT_MS);
    try {
      const proved = await prove();
      guess.right();
      return proved;
    } catch (error) {
      if (!(error instanceof PublicError) || error.status !== NOT_PROVED) throw error;
      const spentForMs = guess.wrong();
      throw spentForMs === 0 ? error : tooMany(spentForMs);
    }
  }
}

function tooMany(waitMs: number): CallRefused {
  const fields = { "Retry-After": String(Math.ceil(waitMs / 1000)) };
  return new CallRefused(new PublicError("ERR_GINNEL_FAILED_CALLERS", { limit: MAX_FAILURES_OF_ADDRESS }), fields);
}
