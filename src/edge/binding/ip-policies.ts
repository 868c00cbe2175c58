import { AddressRules } from "../../model/address-rules.ts";
import type { Directory } from "../directory.ts";
import type { FindIpPolicy } from "./endpoint-options.ts";

/** For a policy that was taken away while an endpoint refers to it: what it kept out must not come in. */
const NOBODY = AddressRules.parse({ allow: [], deny: ["0.0.0.0/0", "::/0"] }, "nobody");

/** The IP policies of an account, as they are whenever a visitor comes. */
export function ipPoliciesOf(directory: Pick<Directory, "account">, accountId: string): FindIpPolicy {
  return (id) => {
    const current = (): AddressRules | undefined => directory.account(accountId).policies([id]);
    return current() === undefined ? undefined : () => current() ?? NOBODY;
  };
}

/** The same for a policy that is kept rather than brought: one that was taken away meanwhile keeps everybody out. */
export function keptIpPoliciesOf(directory: Pick<Directory, "account">, accountId: string): FindIpPolicy {
  return (id) => () => directory.account(accountId).policies([id]) ?? NOBODY;
}
