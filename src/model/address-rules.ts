/** Which source addresses may come in (reference.md 7.10). Knows no policies, accounts or endpoints, only their rules. */
import { addressOctets, type Cidr, isWithin, parseCidr } from "./cidr.ts";

export interface AddressRule {
  readonly cidr: Cidr;
  readonly action: "allow" | "deny";
}

/**
 * What deny entries without any allow entry mean for an address that none of them names. `others`: it may come in (flags of an
 * endpoint, whitelists); `nobody`: an allow entry has to match (restrictions, the action restrict-ips).
 */
export type DenyOnly = "others" | "nobody";

/** Rules of one or more lists. Never changes: whoever edits rules makes a new one. */
export class AddressRules {
  readonly #allowed: readonly Cidr[];
  readonly #denied: readonly Cidr[];
  readonly #denyOnly: DenyOnly;

  constructor(rules: readonly AddressRule[], denyOnly: DenyOnly) {
    this.#allowed = rules.filter(({ action }) => action === "allow").map(({ cidr }) => cidr);
    this.#denied = rules.filter(({ action }) => action === "deny").map(({ cidr }) => cidr);
    this.#denyOnly = denyOnly;
  }

  /** From texts. @throws PublicError of {@link parseCidr} for the first that cannot be used */
  static parse(lists: { readonly allow: readonly string[]; readonly deny: readonly string[] }, denyOnly: DenyOnly) {
    const rules = [
      ...lists.deny.map((text): AddressRule => ({ cidr: parseCidr(text), action: "deny" })),
      ...lists.allow.map((text): AddressRule => ({ cidr: parseCidr(text), action: "allow" })),
    ];
    return new AddressRules(rules, denyOnly);
  }

  /** No entry at all lets everybody in. */
  get isEmpty(): boolean {
    return this.#allowed.length === 0 && this.#denied.length === 0;
  }

  /**
   * Whether a source may come in: a matching deny loses; else an allow has to match, if there is any. `ip` is an address
   * without port; what is no address (a connection inside the process) is admitted by no rule.
   */
  admits(ip: string): boolean {
    if (this.isEmpty) return true;
    const address = addressOctets(ip);
    if (address === undefined) return false;
    if (this.#denied.some((cidr) => isWithin(cidr, address))) return false;
    if (this.#allowed.length === 0) return this.#denyOnly === "others";
    return this.#allowed.some((cidr) => isWithin(cidr, address));
  }
}
