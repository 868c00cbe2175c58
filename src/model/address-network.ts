import ipaddr from "ipaddr.js";

/** What stands for one visitor where addresses are counted: an IPv4 address, or the /64 of another one, all of which its owner has; empty for what is neither. */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return "";
  const address = ipaddr.process(ip);
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  const [first = 0, second = 0, third = 0, fourth = 0] = address.parts;
  return new ipaddr.IPv6([first, second, third, fourth, 0, 0, 0, 0]).toString();
}
