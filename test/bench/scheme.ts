import { PUBLIC_NAME } from "./public-name.ts";
import type { RunningSystem } from "./system.ts";

export type Scheme = "http" | "https";

export function hasScheme(system: RunningSystem, scheme: Scheme): boolean {
  return portOf(system, scheme) !== undefined;
}

export function portOf({ httpPort, httpsPort }: RunningSystem, scheme: Scheme): number | undefined {
  return scheme === "http" ? httpPort : httpsPort;
}

/** For systems that have the scheme. */
export function urlOf(system: RunningSystem, scheme: Scheme, name = PUBLIC_NAME): string {
  return `${scheme}://${system.visitorName ?? name}:${portOf(system, scheme)}`;
}
