/** Trust that a configuration gives to more machines than its operator can mean. */
import type { Cidr } from "../../../model/cidr.ts";

/** A network that everybody is in: there, whoever connects says in a PROXY protocol header who he is, and rules of addresses see that. */
export function trustWarnings(trustedProxies: readonly Cidr[]): readonly string[] {
  return trustedProxies
    .filter(({ prefixBits }) => prefixBits === 0)
    .map(
      ({ text }) =>
        `trusted-proxies: ${text} trusts everybody, so that each visitor can choose the address that IP rules, limits and logs see; name the networks of your load balancers alone`,
    );
}
