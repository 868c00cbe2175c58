import { PublicError } from "../../base/errors.ts";
import { CallRefused } from "./failure-answer.ts";

/** Of one account at a time: each may hold a page of records in memory. A page of the dashboard asks for several lists at once. */
export const MAX_CALLS_UNDER_WAY = 20;
const RETRY_SECONDS = 1;

/** Counts the calls that accounts wait for. */
export class CallsUnderWay {
  readonly #calls = new Map<string, number>();

  /** What `serve` makes of a call. @throws CallRefused 429 when too many of the account are under way */
  async run<R>(accountId: string, serve: () => Promise<R>): Promise<R> {
    const before = this.#calls.get(accountId) ?? 0;
    if (before >= MAX_CALLS_UNDER_WAY) {
      const error = new PublicError("ERR_GINNEL_CALLS_UNDER_WAY", { limit: MAX_CALLS_UNDER_WAY });
      throw new CallRefused(error, { "Retry-After": String(RETRY_SECONDS) });
    }
    this.#calls.set(accountId, before + 1);
    try {
      return await serve();
    } finally {
      const after = (this.#calls.get(accountId) ?? 1) - 1;
      if (after > 0) this.#calls.set(accountId, after);
      else this.#calls.delete(accountId);
    }
  }
}
