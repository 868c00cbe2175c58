/** Slows down the guessing of authtokens. */
import type { Clock } from "../../base/clock.ts";
import { ProtocolError, PublicError } from "../../base/errors.ts";
import { idSuffixIn } from "../../model/access-token.ts";
import { GuessLimit } from "../guesses/guess-limit.ts";

/** Authtokens that were wrong, from one address in a window: a fleet behind one router whose token was deleted, and a few slips. */
export const MAX_FAILURES_OF_ADDRESS = 30;
export const FAILURE_WINDOW_MS = 600_000;

export interface ShownAuthtoken {
  /** Where the agent is, without port. */
  readonly ip: string;
  readonly authtoken: string;
  /** Whether the agent is still connected. */
  readonly isHere: () => boolean;
}

/**
 * Once an address has failed too often, authtokens from there are looked at one after the other, right or wrong: an answer that does
 * not come at once must not tell that the token was wrong. A right one keeps nobody waiting, and once it was let in it does not
 * wait for those of others (see {@link GuessLimit}).
 */
export class FailedAgents {
  readonly #guesses: GuessLimit;

  constructor(clock: Clock) {
    this.#guesses = new GuessLimit({ maxFailures: MAX_FAILURES_OF_ADDRESS, windowMs: FAILURE_WINDOW_MS }, clock);
  }

  /**
   * What `find` finds by the token.
   * @throws PublicError when it finds nothing, of another code when there were too many before; one that ends no agent when it was not looked at.
   * ProtocolError when the agent has gone meanwhile
   */
  async check<R>({ ip, authtoken, isHere }: ShownAuthtoken, find: () => Promise<R | undefined>): Promise<R> {
    using guess = await this.#guesses.begin({ ip, name: idSuffixIn(authtoken), isHere });
    if (guess === undefined && !isHere()) throw new ProtocolError("The session ended before its turn in Auth.");
    if (guess === undefined) throw new PublicError("ERR_GINNEL_AGENTS_WAIT", { limit: MAX_FAILURES_OF_ADDRESS });
    const found = await find();
    if (found !== undefined) {
      guess.right();
      return found;
    }
    if (guess.wrong() === 0) throw new PublicError("ERR_NGROK_107", {});
    throw new PublicError("ERR_GINNEL_FAILED_AGENTS", { limit: MAX_FAILURES_OF_ADDRESS });
  }
}
