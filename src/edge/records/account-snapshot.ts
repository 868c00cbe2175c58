import { type AddressRule, AddressRules } from "../../model/address-rules.ts";
import { parseCidr } from "../../model/cidr.ts";
import { type Account, type AccountLimits, NO_LIMITS } from "../../model/records/account.ts";
import type { CertificateAuthority } from "../../model/records/certificate-authority.ts";
import type { IpPolicyRule } from "../../model/records/ip-policy-rule.ts";
import type { IpRestriction } from "../../model/records/ip-restriction.ts";
import type { AccountRules } from "../directory.ts";

export interface AccountRecords {
  /** Absent: there is no such account. */
  readonly account: Account | undefined;
  readonly restrictions: readonly IpRestriction[];
  /** By the ids of the account's policies. */
  readonly policies: ReadonlyMap<string, readonly IpPolicyRule[]>;
  readonly authorities: readonly CertificateAuthority[];
}

/** What holds for an account, from its records as they are now. */
export class AccountSnapshot implements AccountRules {
  readonly isDisabled: boolean;
  readonly limits: AccountLimits;
  readonly agentAddresses: AddressRules;
  readonly visitorAddresses: AddressRules;
  readonly warnedAgentAddresses: AddressRules;
  readonly warnedVisitorAddresses: AddressRules;
  readonly #policies = new Map<string, readonly AddressRule[]>();
  readonly #authorities = new Map<string, string>();

  constructor({ account, restrictions, policies, authorities }: AccountRecords) {
    for (const { id, caPem } of authorities) this.#authorities.set(id, caPem);
    this.isDisabled = account?.isDisabled ?? true;
    this.limits = account?.limits ?? NO_LIMITS;
    for (const [id, rules] of policies) this.#policies.set(id, rules.map(addressRule));
    const rulesFor = (side: IpRestriction["type"], areEnforced: boolean): AddressRules => {
      const found = restrictions.filter(({ type, isEnforced }) => type === side && isEnforced === areEnforced);
      return this.#together(found.flatMap(({ policyIds }) => policyIds));
    };
    this.agentAddresses = rulesFor("agent", true);
    this.visitorAddresses = rulesFor("endpoints", true);
    this.warnedAgentAddresses = rulesFor("agent", false);
    this.warnedVisitorAddresses = rulesFor("endpoints", false);
  }

  policies(ids: readonly string[]): AddressRules | undefined {
    return ids.every((id) => this.#policies.has(id)) ? this.#together(ids) : undefined;
  }

  certificateAuthority(id: string): string | undefined {
    return this.#authorities.get(id);
  }

  /** A policy that is not there has no rules. */
  #together(ids: readonly string[]): AddressRules {
    return new AddressRules(
      ids.flatMap((id) => this.#policies.get(id) ?? []),
      "nobody",
    );
  }
}

function addressRule({ cidr, action }: IpPolicyRule): AddressRule {
  return { cidr: parseCidr(cidr), action };
}
