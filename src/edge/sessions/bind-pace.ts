/**
 * How much binding an account may ask for: a bind looks up names and reads a traffic policy, and everybody else waits meanwhile. So it is
 * with the cloud endpoints that an account makes or changes.
 */
import { PublicError } from "../../base/errors.ts";

const WINDOW_SECONDS = 60;
/** Of an account in a window, by all its agents. They all come back at once when an edge was restarted. */
export const MAX_BINDS = 3_000;
/** Of the traffic policies in them: hundreds of usual ones, or 32 of the longest. */
export const MAX_POLICY_CHARACTERS = 2 * 1024 * 1024;

interface Spent {
  binds: number;
  policyCharacters: number;
}

export class BindPace {
  /** Of the accounts that bound something in this window; those of the edge's records, so there are not too many. */
  #spent = new Map<string, Spent>();
  #window = 0;

  /** Counts a bind, and the length of its policy. @throws PublicError in place of counting when it is too much */
  take(accountId: string, policyCharacters: number, nowMs: number): void {
    const window = Math.floor(nowMs / (WINDOW_SECONDS * 1000));
    if (window !== this.#window) this.#spent = new Map();
    this.#window = window;
    const spent = this.#spent.get(accountId) ?? { binds: 0, policyCharacters: 0 };
    if (spent.binds + 1 > MAX_BINDS || spent.policyCharacters + policyCharacters > MAX_POLICY_CHARACTERS) {
      throw new PublicError("ERR_GINNEL_BIND_PACE", { seconds: WINDOW_SECONDS });
    }
    spent.binds += 1;
    spent.policyCharacters += policyCharacters;
    this.#spent.set(accountId, spent);
  }
}
