import { type AddressRule, AddressRules } from "../../model/address-rules.ts";
import { type Account, type AccountLimits, NO_LIMITS } from "../../model/records/account.ts";
import type { CertificateAuthority } from "../../model/records/certificate-authority.ts";
import type { IpPolicyRule } from "../../model/records/ip-policy-rule.ts";
import type { IpRestriction } from "../../model/records/ip-restriction.ts";
import type { AccountRules, Entrance } from "../directory.ts";

export interface AccountRecords {
  /** Absent: there is no such account. */
  readonly account: Account | undefined;
  readonly restrictions: readonly IpRestriction[];
  /** By the ids of the account's policies. */
  readonly policies: ReadonlyMap<string, readonly IpPolicyRule[]>;
  readonly authorities: readonly CertificateAuthority[];
}

/**
 * What holds for an account, from its records as they are now. An account may have thousands of rules: what they come to is worked out
 * when it is first asked for, and then kept.
 */
export class AccountSnapshot implements AccountRules {
  readonly isDisabled: boolean;
  readonly limits: AccountLimits;
  readonly #records: AccountRecords;
  readonly #parsed: (rule: IpPolicyRule) => AddressRule;
  /** By the ids of the policies that they come from. */
  readonly #together = new Map<string, AddressRules>();

  /** `parsed` is asked for the same rule once and again. */
  constructor(records: AccountRecords, parsed: (rule: IpPolicyRule) => AddressRule) {
    this.#records = records;
    this.#parsed = parsed;
    this.isDisabled = records.account?.isDisabled ?? true;
    this.limits = records.account?.limits ?? NO_LIMITS;
  }

  get agentAddresses(): AddressRules {
    return this.#restriction("agent", true);
  }

  get visitorAddresses(): AddressRules {
    return this.#restriction("endpoints", true);
  }

  get warnedAgentAddresses(): AddressRules {
    return this.#restriction("agent", false);
  }

  get warnedVisitorAddresses(): AddressRules {
    return this.#restriction("endpoints", false);
  }

  callerAddresses(entrance: Entrance): AddressRules {
    return this.#restriction(entrance, true);
  }

  warnedCallerAddresses(entrance: Entrance): AddressRules {
    return this.#restriction(entrance, false);
  }

  policies(ids: readonly string[]): AddressRules | undefined {
    return ids.every((id) => this.#records.policies.has(id)) ? this.#rulesOf(ids) : undefined;
  }

  certificateAuthority(id: string): string | undefined {
    return this.#records.authorities.find((authority) => authority.id === id)?.caPem;
  }

  #restriction(type: IpRestriction["type"], isEnforced: boolean): AddressRules {
    const found = this.#records.restrictions.filter((one) => one.type === type && one.isEnforced === isEnforced);
    return this.#rulesOf(found.flatMap(({ policyIds }) => policyIds));
  }

  /** A policy that is not there has no rules. */
  #rulesOf(ids: readonly string[]): AddressRules {
    const key = ids.join(" ");
    const known = this.#together.get(key);
    if (known !== undefined) return known;
    const rules = ids.flatMap((id) => this.#records.policies.get(id) ?? []);
    const together = new AddressRules(rules.map(this.#parsed), "nobody");
    this.#together.set(key, together);
    return together;
  }
}
