import { readFile } from "node:fs/promises";

/** What a namespace may be given; the kernel keeps others for the machine itself. */
const ALLOWED = "/proc/sys/net/ipv4/tcp_allowed_congestion_control";

/** What runs are pinned to when nobody says otherwise. */
export async function usualCongestion(): Promise<string> {
  return preferredCongestion(await readFile(ALLOWED, "utf8"));
}

/**
 * What most machines have, or what every kernel has. Not BBR: within a machine it takes seconds to find the rate of a connection
 * again that was slow for a while, and that is what would be measured.
 */
export function preferredCongestion(allowed: string): string {
  return allowed.split(/\s+/).includes("cubic") ? "cubic" : "reno";
}
