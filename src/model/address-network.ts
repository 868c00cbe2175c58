import ipaddr from "ipaddr.js";

/** Whoever has an IPv6 address has all those of its network. */
const IPV6_NETWORK_BITS = 64;

/** What stands for one visitor where addresses are counted: an IPv4 address, or the /64 of another one; empty for what is neither. */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return "";
  const address = ipaddr.process(ip);
  if (address.kind() === "ipv4") return address.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${IPV6_NETWORK_BITS}`).toString();
}
