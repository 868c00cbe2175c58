import { type AddressRules, admitsByLists } from "../model/address-rules.ts";

/** Lists of networks that may change while the policy lives. */
export type CurrentRules = () => readonly AddressRules[];

export function admitsAddress(rules: CurrentRules, ip: string): boolean {
  return admitsByLists(rules(), ip);
}

/** The rules that one visitor has passed, wherever a policy has them, so that they can be asked again after a change. */
export class PassedRules {
  #rules: CurrentRules[] | undefined;

  add(rules: CurrentRules): void {
    (this.#rules ??= []).push(rules);
  }

  /** Whether the visitor would still pass. */
  admit(ip: string): boolean {
    return this.#rules?.every((rules) => admitsAddress(rules, ip)) ?? true;
  }
}
