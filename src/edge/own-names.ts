import type { OwnNames, Reservation } from "../model/reservations.ts";

/** Labels below a base domain that belong to the edge. */
export const OWN_LABELS: readonly string[] = ["api", "connect", "dashboard"];

/** The names that nobody can bind or reserve, and those that the operator alone can, from the configuration. */
export function ownNames(baseDomains: readonly string[], configured: readonly Reservation[] = []): OwnNames {
  const protectedNames = baseDomains.flatMap((base) => OWN_LABELS.map((label) => `${label}.${base}`));
  return { baseDomains, protectedNames, configured };
}
