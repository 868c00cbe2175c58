import type { Clock } from "../../base/clock.ts";
import type { Duplex } from "../../net/duplex.ts";
import type { OnFault } from "../../net/faults.ts";
import { AccountPace } from "./account-pace.ts";
import { PacedDuplex } from "./paced-duplex.ts";

export interface AccountPacesOptions {
  /** Bytes per second of an account as they are now; Infinity: none. */
  readonly rateOf: (accountId: string) => number;
  readonly clock: Clock;
  readonly onFault: OnFault;
}

/** Accounts go, too: beyond this the one that was new first begins anew. */
const MAX_PACES = 10_000;

/** The paces of the accounts that have a limit. */
export class AccountPaces {
  readonly #options: AccountPacesOptions;
  /** Kept without connections too, so that many short ones are no way around the limit. */
  readonly #paces = new Map<string, AccountPace>();

  constructor(options: AccountPacesOptions) {
    this.#options = options;
  }

  /**
   * The connection itself where the account has no limit, so that it costs nothing; else one that is as fast as the account
   * may be, also when that changes. `first` bytes have left on it before.
   */
  paced(accountId: string, connection: Duplex, first = 0): Duplex {
    if (this.#options.rateOf(accountId) === Infinity) return connection;
    const pace = this.#paceOf(accountId);
    pace.charge(first);
    return new PacedDuplex(connection, pace);
  }

  #paceOf(accountId: string): AccountPace {
    const known = this.#paces.get(accountId);
    if (known !== undefined) return known;
    const { rateOf, clock, onFault } = this.#options;
    const pace = new AccountPace({ rate: () => rateOf(accountId), clock, onFault });
    this.#paces.set(accountId, pace);
    const [oldest] = this.#paces.keys();
    if (this.#paces.size > MAX_PACES && oldest !== undefined) this.#paces.delete(oldest);
    return pace;
  }
}
