import { PublicError } from "../../base/errors.ts";
import { CallRefused } from "./failure-answer.ts";

/** Calls of one account in any {@link WINDOW_MS} (reference.md 8.1). */
export const MAX_CALLS = 120;
export const WINDOW_MS = 60_000;

/** Counts calls by account over a window that moves along. Keeps at most `maxCalls` times for each account that called lately. */
export class CallLimit {
  readonly #maxCalls: number;
  readonly #calls = new Map<string, number[]>();

  constructor(maxCalls: number) {
    this.#maxCalls = maxCalls;
  }

  /** Counts a call. @throws CallRefused 226 with how long to wait, when there were too many */
  count(accountId: string, nowMs: number): void {
    const waitMs = this.waitMs(accountId, nowMs);
    if (waitMs <= 0) return;
    const error = new PublicError("ERR_NGROK_226", { limit: this.#maxCalls, seconds: WINDOW_MS / 1000 });
    throw new CallRefused(error, { "Retry-After": String(Math.ceil(waitMs / 1000)) });
  }

  /** The call that was counted last counts no more. */
  takeBack(accountId: string): void {
    this.#calls.get(accountId)?.pop();
  }

  /** Milliseconds to wait when there were too many; 0 counts the call and lets it through. */
  waitMs(accountId: string, nowMs: number): number {
    const oldest = nowMs - WINDOW_MS;
    this.#forgetOneBefore(oldest);
    const recent = (this.#calls.get(accountId) ?? []).filter((atMs) => atMs > oldest);
    // Last in the map is who called last, so whoever is first may have nothing in the window any more.
    this.#calls.delete(accountId);
    this.#calls.set(accountId, recent);
    const first = recent[0];
    if (first !== undefined && recent.length >= this.#maxCalls) return first - oldest;
    recent.push(nowMs);
    return 0;
  }

  /** One for each call is enough: no more come in than go out. */
  #forgetOneBefore(oldest: number): void {
    const [entry] = this.#calls;
    if (entry !== undefined && entry[1].every((atMs) => atMs <= oldest)) this.#calls.delete(entry[0]);
  }
}
