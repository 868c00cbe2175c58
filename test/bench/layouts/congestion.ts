import { readFile } from "node:fs/promises";

/** What a namespace may be given; the kernel keeps others for the machine itself. */
const ALLOWED = "/proc/sys/net/ipv4/tcp_allowed_congestion_control";

/** What runs are pinned to when nobody says otherwise. */
export async function usualCongestion(): Promise<string> {
  return preferredCongestion(await readFile(ALLOWED, "utf8"));
}

/**
 * What most machines have, or what every kernel has. Any would do: it is pinned so that all systems have the same, on every machine.
 */
export function preferredCongestion(allowed: string): string {
  return allowed.split(/\s+/).includes("cubic") ? "cubic" : "reno";
}
