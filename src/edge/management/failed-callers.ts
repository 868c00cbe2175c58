/** Slows down the guessing of API keys, at every entrance of the edge together. */
import { PublicError } from "../../base/errors.ts";
import { networkOf } from "../../model/address-network.ts";
import { RateLimit } from "../../policy/rate-limit.ts";
import { CallRefused } from "./failure-answer.ts";

/** Keys that were wrong, from one address in a window: a team behind one router mistypes on a Monday morning. */
export const MAX_FAILURES_OF_ADDRESS = 30;
export const FAILURE_WINDOW_MS = 600_000;
const NOT_PROVED = 401;

/**
 * A key that is right is never refused: whole teams may share an address, behind a balancer everybody does, and one stranger there must
 * not shut them out. What is slowed down is failing; the answer to a guess too many still tells that it was wrong, which
 * is no help against the 125 random bits of a key.
 */
export class FailedCallers {
  readonly #failures = new RateLimit({ capacity: MAX_FAILURES_OF_ADDRESS, windowMs: FAILURE_WINDOW_MS });

  /**
   * What `prove` makes of a key from this address, which has no port. It rejects with a PublicError of status 401 where the key is wrong.
   * @throws CallRefused 429 with how long to wait, in place of the 401
   */
  async check<R>(ip: string, nowMs: () => number, prove: () => Promise<R>): Promise<R> {
    try {
      return await prove();
    } catch (error) {
      if (!(error instanceof PublicError) || error.status !== NOT_PROVED) throw error;
      refuse(this.#failures.take(networkOf(ip), nowMs()));
      throw error;
    }
  }
}

function refuse(waitSeconds: number | undefined): void {
  if (waitSeconds === undefined) return;
  const fields = { "Retry-After": String(waitSeconds) };
  throw new CallRefused(new PublicError("ERR_GINNEL_FAILED_CALLERS", { limit: MAX_FAILURES_OF_ADDRESS }), fields);
}
