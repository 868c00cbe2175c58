/** The address in `ip:port` or `[ip6]:port`, without its port. */
export function ipOf(address: string): string {
  const ip = address.slice(0, address.lastIndexOf(":"));
  return ip.startsWith("[") ? ip.slice(1, -1) : ip;
}
