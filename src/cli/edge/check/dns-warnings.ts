/** Whether the names of an edge lead anywhere, as far as this machine's resolver knows. */
import type { Clock } from "../../../base/clock.ts";

/** For all names together. */
const LOOKUPS_MS = 5_000;
/** Below a base domain, where only a wildcard record answers. */
const ANY_LABEL = "ginnel-edge-check";

/** The addresses of a name; rejects when it has none. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** The names need records both for themselves and for every name below them. */
export async function dnsWarnings(
  domains: readonly string[],
  addressesOf: Lookup,
  clock: Pick<Clock, "after">,
): Promise<readonly string[]> {
  const late = Promise.withResolvers<undefined>();
  const cancel = clock.after(LOOKUPS_MS, () => late.resolve(undefined));
  const found = (name: string): Promise<readonly string[] | undefined> =>
    Promise.race([addressesOf(name).catch(() => undefined), late.promise]);
  const warnings = await Promise.all(
    domains.map(async (domain) => {
      const [own, below] = await Promise.all([found(domain), found(`${ANY_LABEL}.${domain}`)]);
      return warningOf(domain, own, below);
    }),
  );
  cancel();
  return warnings.flat();
}

function warningOf(
  domain: string,
  own: readonly string[] | undefined,
  below: readonly string[] | undefined,
): readonly string[] {
  if (own === undefined && below === undefined) {
    return [`${domain} and *.${domain} lead nowhere from here; add A or AAAA records for both`];
  }
  if (own === undefined)
    return [`${domain} leads nowhere from here, so agents do not find it; add an A or AAAA record`];
  if (below === undefined) return [`*.${domain} leads nowhere from here, so visitors do not; add an A or AAAA record`];
  if (own.some((address) => below.includes(address))) return [];
  return [`${domain} leads to ${own.join(", ")}, but *.${domain} to ${below.join(", ")}; both should lead to the edge`];
}
