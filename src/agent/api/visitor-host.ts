import { parseHostPort } from "../../base/host-port.ts";

/** The address without its port: `remote_addr` of reference.md 3.4. */
export function hostOfAddress(address: string): string {
  const bare = address.replace(/:0$/, ":1"); // a port that nobody can dial, but that our own replays have
  return parseHostPort(bare)?.host ?? address;
}
