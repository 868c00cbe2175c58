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

  /** Whether a source may come in: a matching deny loses; else an allow has to match, if there is any. */
  admits(ip: string): boolean {
    return admitsByLists([this], ip);
  }

  /** What the entries say. `ip` is an address without port; what is no address (a pipe in the process) is denied. */
  match(ip: string): AddressRule["action"] | undefined {
    if (this.isEmpty) return undefined;
    const address = addressOctets(ip);
    if (address === undefined || this.#denied.some((cidr) => isWithin(cidr, address))) return "deny";
    return this.#allowed.some((cidr) => isWithin(cidr, address)) ? "allow" : undefined;
  }

  /** Whether a source that no entry names may come in. */
  get admitsOthers(): boolean {
    return this.isEmpty || (this.#allowed.length === 0 && this.#denyOnly === "others");
  }
}

/** As if all lists were one: any deny loses, else any allow lets in, else each list must have nothing against others. */
export function admitsByLists(lists: readonly AddressRules[], ip: string): boolean {
  const matches = new Set(lists.map((list) => list.match(ip)));
  if (matches.has("deny")) return false;
  return matches.has("allow") || lists.every(({ admitsOthers }) => admitsOthers);
}
