/** Calls of one account in any {@link WINDOW_MS} (reference.md 8.1). */
export const MAX_CALLS = 120;
export const WINDOW_MS = 60_000;

/** Counts calls by account over a window that moves along. Keeps at most {@link MAX_CALLS} times for each account that called lately. */
export class CallLimit {
  readonly #calls = new Map<string, number[]>();

  /** Milliseconds to wait when there were too many; 0 counts the call and lets it through. */
  waitMs(accountId: string, nowMs: number): number {
    const oldest = nowMs - WINDOW_MS;
    this.#forgetOneBefore(oldest);
    const recent = (this.#calls.get(accountId) ?? []).filter((atMs) => atMs > oldest);
    // Last in the map is who called last, so whoever is first may have nothing in the window any more.
    this.#calls.delete(accountId);
    this.#calls.set(accountId, recent);
    const first = recent[0];
    if (first !== undefined && recent.length >= MAX_CALLS) return first - oldest;
    recent.push(nowMs);
    return 0;
  }

  /** One for each call is enough: no more come in than go out. */
  #forgetOneBefore(oldest: number): void {
    const [entry] = this.#calls;
    if (entry !== undefined && entry[1].every((atMs) => atMs <= oldest)) this.#calls.delete(entry[0]);
  }
}
