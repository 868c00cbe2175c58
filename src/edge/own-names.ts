import type { OwnNames } from "../model/reservations.ts";

/** Labels below a base domain that belong to the edge. */
export const OWN_LABELS: readonly string[] = ["api", "connect", "dashboard"];

/** The names that nobody can bind or reserve: those of the edge, and `kept` ones. */
export function ownNames(baseDomains: readonly string[], kept: readonly string[] = []): OwnNames {
  const own = baseDomains.flatMap((base) => OWN_LABELS.map((label) => `${label}.${base}`));
  return { baseDomains, protectedNames: [...own, ...kept] };
}
