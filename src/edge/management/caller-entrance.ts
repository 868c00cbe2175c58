import type { Clock } from "../../base/clock.ts";
import { PublicError } from "../../base/errors.ts";
import type { AddressWarnings } from "../address-warnings.ts";
import type { Directory, Entrance } from "../directory.ts";
import { CallLimit } from "./call-limit.ts";

export interface EntranceServices {
  readonly directory: Pick<Directory, "account">;
  readonly clock: Clock;
  /** Of restrictions that are not enforced. */
  readonly addressWarnings: AddressWarnings;
}

/** A way in for those whose account is known. */
export class CallerEntrance {
  readonly #services: EntranceServices;
  readonly #type: Entrance;
  readonly #calls: CallLimit;

  /** `maxCalls` of one account, see {@link CallLimit}. */
  constructor(services: EntranceServices, type: Entrance, maxCalls: number) {
    this.#services = services;
    this.#type = type;
    this.#calls = new CallLimit(maxCalls);
  }

  /**
   * Counts a call, and applies the account's IP restriction, read literally: some allow entry has to match (reference.md 7.10). The
   * address is without port.
   * @throws CallRefused 226 before any rule is looked at; PublicError 220
   */
  admit(accountId: string, ip: string): void {
    const { directory, clock, addressWarnings } = this.#services;
    this.#calls.count(accountId, clock.nowMs());
    const type = this.#type;
    const rules = directory.account(accountId);
    addressWarnings.check(rules.warnedCallerAddresses(type), { accountId, type, ip });
    if (rules.callerAddresses(type).admits(ip)) return;
    // Who has nothing but the key must not use up the calls of those who may come.
    this.#calls.takeBack(accountId);
    throw new PublicError("ERR_NGROK_220", { type });
  }
}
