import { type Backoff, pauseBefore } from "../../base/backoff.ts";

/** Public authorities allow five failed validations of a name in an hour, and make an account wait for everything beyond. */
const PAUSES: Backoff = { firstMs: 60_000, growth: 4, maxMs: 12 * 3_600_000 };
/** A third of what the best-known public authority allows an account. */
const ORDERS_PER_WINDOW = 100;
/** Of these, first ones and renewals for accounts together: what is left is for the edge's own names. */
const ACCOUNTS_PER_WINDOW = 90;
/** Of these, first ones for accounts: what they have must not run out because others want more. */
const FIRST_PER_WINDOW = 80;
/** Of these, those of one account. */
const FIRST_OF_ACCOUNT_PER_WINDOW = 20;
const WINDOW_MS = 3 * 3_600_000;
const ORDERS_AT_ONCE = 4;
/** An authority that cannot reach a name keeps an order waiting: the edge's own are always let through. */
const ACCOUNTS_AT_ONCE = 3;
const OF_ACCOUNT_AT_ONCE = 2;
/** Names whose failures are remembered; the one that failed longest ago goes first. */
const NAMES_REMEMBERED = 10_000;

/** Whose share an order comes from. */
export interface OrderShare {
  /** `undefined`: that of the edge itself, for its own names and those of its configuration. */
  readonly accountId: string | undefined;
  /** There is a certificate that ends soon. */
  readonly isRenewal: boolean;
}

const OWN: OrderShare = { accountId: undefined, isRenewal: false };

interface Start extends OrderShare {
  readonly key: string;
  readonly atMs: number;
}

interface Failures {
  readonly count: number;
  readonly notBeforeMs: number;
}

/**
 * When an order may be made, so that no authority has reason to shut us out: one at a time for each set of names, a few at
 * once, so many in three hours, and growing pauses after failures; and so that no account uses up what others need. Times are those
 * of a clock that never goes back.
 */
export class IssuanceSchedule {
  readonly #running = new Map<string, OrderShare>();
  readonly #failures = new Map<string, Failures>();
  /** Starts within the window, oldest first. */
  #starts: Start[] = [];
  #allWaitUntilMs = 0;

  /** Begins an order if it may begin now; the answer then says how many for these names failed in a row before. */
  begin(key: string, nowMs: number, share: OrderShare = OWN): { readonly failuresBefore: number } | undefined {
    const failures = this.#failures.get(key);
    this.#starts = this.#starts.filter(({ atMs }) => atMs > nowMs - WINDOW_MS);
    const mustWait =
      this.#running.has(key) ||
      nowMs < this.#allWaitUntilMs ||
      (failures !== undefined && nowMs < failures.notBeforeMs) ||
      !this.#hasRoom(share);
    if (mustWait) return undefined;
    this.#running.set(key, share);
    this.#starts.push({ ...share, key, atMs: nowMs });
    return { failuresBefore: failures?.count ?? 0 };
  }

  succeed(key: string): void {
    this.#running.delete(key);
    this.#failures.delete(key);
  }

  /** It was not begun after all: somebody else sees to these names, at least until then. */
  leave(key: string, untilMs: number): void {
    this.#running.delete(key);
    const start = this.#starts.findLastIndex((one) => one.key === key);
    if (start !== -1) this.#starts.splice(start, 1);
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

  #hasRoom({ accountId, isRenewal }: OrderShare): boolean {
    const running = [...this.#running.values()];
    if (running.length >= ORDERS_AT_ONCE || this.#starts.length >= ORDERS_PER_WINDOW) return false;
    if (accountId === undefined && !isRenewal) return true;
    if (this.#starts.filter(isForAccounts).length >= ACCOUNTS_PER_WINDOW) return false;
    if (running.filter(isForAccounts).length >= ACCOUNTS_AT_ONCE) return false;
    if (isRenewal) return true;
    const first = this.#starts.filter((start) => isForAccounts(start) && !start.isRenewal);
    const isOfAccount = (share: OrderShare): boolean => share.accountId === accountId;
    return (
      first.length < FIRST_PER_WINDOW &&
      first.filter(isOfAccount).length < FIRST_OF_ACCOUNT_PER_WINDOW &&
      running.filter(isOfAccount).length < OF_ACCOUNT_AT_ONCE
    );
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

function isForAccounts({ accountId, isRenewal }: OrderShare): boolean {
  return accountId !== undefined || isRenewal;
}
