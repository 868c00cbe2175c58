import ipaddr from "ipaddr.js";

const FOUR_NUMBERS = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** What stands for one visitor where addresses are counted: an IPv4 address, or the /64 of another one, all of which its owner has; empty for what is neither. */
export function networkOf(ip: string): string {
  // Nearly all, and several times for each connection.
  if (FOUR_NUMBERS.test(ip)) return ip;
  if (!ipaddr.isValid(ip)) return "";
  const address = ipaddr.process(ip);
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  const [first = 0, second = 0, third = 0, fourth = 0] = address.parts;
  return new ipaddr.IPv6([first, second, third, fourth, 0, 0, 0, 0]).toString();
}
