import { readFile } from "node:fs/promises";

/** All addresses of the machine, IPv4 and IPv6, or IPv4 where there is no other: a kernel without IPv6 refuses its addresses. */
export async function reachableAnyAddress(): Promise<string> {
  const hasIpv6 = await readFile("/proc/net/if_inet6").then(
    () => true,
    () => process.platform !== "linux",
  );
  return hasIpv6 ? "::" : "0.0.0.0";
}
