/** Who may reserve and who may bind which host name (reference.md 7.1, 7.3). Knows names and accounts; knows no store. */
import { PublicError } from "../base/errors.ts";
import { isWildcardName, parseEndpointName } from "./endpoint-name.ts";
import { isInternalName } from "./internal-url.ts";

/** The names of the edge. */
export interface OwnNames {
  /** Lower case, such as `tunnel.example.com`; never empty. */
  readonly baseDomains: readonly string[];
  /** Further names that nobody may have, such as those of the management API and of the agents' port. */
  readonly protectedNames: readonly string[];
  /** Those of the configuration, which are the operator's. Absent: none. */
  readonly configured?: readonly Reservation[];
}

/** A reservation, as far as rules look at it. */
export interface Reservation {
  readonly domain: string;
  readonly accountId: string;
}

/** Whether an account may have a name, and by which rule not. */
export type NameRight =
  /** `reservation` is the account's own that covers the name; none for a name that needs none. */
  | { readonly may: true; readonly reservation: Reservation | undefined }
  | { readonly may: false; readonly because: NoRight };

export type NoRight =
  | "ofEdge"
  | "ofAnotherAccount"
  | "notReserved"
  /** As `notReserved`, although the account has a wildcard over it: a wildcard is bound by its own reservation only. */
  | "wildcardNotReserved";

/** What to know to judge a name. */
export interface KnownNames {
  /** Who reserved exactly a domain, the configuration aside. */
  readonly find: (domain: string) => Reservation | undefined;
  readonly own: OwnNames;
}

/** Behind the `*.` of one that can be reserved: `*.com` would be everybody's. */
const MIN_WILDCARD_LABELS = 2;

/**
 * Whether an account may bind a name, which is lower case and valid. The nearest reservation decides: the name itself, then the
 * wildcards over it, longer before shorter.
 */
export function bindRight(accountId: string, name: string, { find, own }: KnownNames): NameRight {
  if (isOfEdge(name, own)) return { may: false, because: "ofEdge" };
  const [nearest] = reservationsOver(name, { find, own });
  if (nearest !== undefined && nearest.accountId !== accountId) return { may: false, because: "ofAnotherAccount" };
  if (isWildcardName(name) && nearest !== undefined && nearest.domain !== name) {
    return { may: false, because: "wildcardNotReserved" };
  }
  const isFree = nearest !== undefined || (!isWildcardName(name) && isOneLabelBelow(name, own.baseDomains));
  return isFree ? { may: true, reservation: nearest } : { may: false, because: "notReserved" };
}

/** What is told to an account that has no right to a name, whoever asks for it. */
export function nameRefusal(domain: string, because: NoRight, baseDomains: readonly string[]): PublicError {
  switch (because) {
    case "ofEdge":
    case "ofAnotherAccount":
      return new PublicError("ERR_NGROK_320", { domain });
    case "wildcardNotReserved":
      return new PublicError("ERR_NGROK_318", { domain });
    case "notReserved":
      if (isWildcardName(domain)) return new PublicError("ERR_NGROK_321", { domain });
      return isBelowBase(domain, baseDomains) && !isOneLabelBelow(domain, baseDomains)
        ? new PublicError("ERR_NGROK_354", { domain })
        : new PublicError("ERR_NGROK_319", { domain });
    default:
      return because satisfies never;
  }
}

/**
 * What covers a name, the nearest first. Nothing covers a name of the edge, and nothing above a base domain covers what is below it.
 * The configuration goes before a reservation of the same domain. A wildcard that {@link checkWidth} refuses now counts for nothing: it
 * is older than a base domain or name of this edge, or comes from an edge with other domains that shares the records. It must neither give
 * its holder names of the edge nor keep others from names that are free, and what it says elsewhere is no reason not to start.
 */
export function reservationsOver(name: string, { find, own }: KnownNames): readonly Reservation[] {
  if (isOfEdge(name, own)) return [];
  const bases = own.baseDomains.filter((base) => isBelowBase(name, [base]));
  const candidates = [name, ...wildcardsOver(name)].filter((domain) => !bases.some((base) => isUnder(base, domain)));
  return candidates.flatMap((domain) => {
    const configured = own.configured?.find((reservation) => reservation.domain === domain);
    const nearest = configured ?? (isTooWide(domain, own) ? undefined : find(domain));
    return nearest === undefined ? [] : [nearest];
  });
}

/**
 * The name to be reserved, lower case. `others` are all reservations there are, of every account.
 * @throws PublicError with the code of the first rule that the name breaks
 */
export function checkReservation(
  accountId: string,
  text: string,
  { others, own }: { readonly others: readonly Reservation[]; readonly own: OwnNames },
): string {
  const domain = parseEndpointName(text);
  if (isInternalName(domain)) {
    throw new PublicError("ERR_GINNEL_INTERNAL_URL", {
      url: domain,
      reason: "every account has it without reserving it",
    });
  }
  if (isOfEdge(domain, own)) throw new PublicError("ERR_NGROK_404", { domain });
  if (!isNameBelowAnother(domain)) throw new PublicError("ERR_GINNEL_NO_DOMAIN", { domain });
  checkWidth(domain, own);
  const all = [...(own.configured ?? []), ...others];
  const same = all.find((other) => other.domain === domain);
  if (same !== undefined)
    throw new PublicError(same.accountId === accountId ? "ERR_NGROK_413" : "ERR_NGROK_414", { domain });
  const foreign = all.filter((other) => other.accountId !== accountId);
  const byDomain = new Map(others.map((other) => [other.domain, other]));
  const covering = reservationsOver(domain, { find: (name) => byDomain.get(name), own });
  if (covering.some((other) => other.accountId !== accountId)) throw new PublicError("ERR_NGROK_414", { domain });
  if (foreign.some((other) => isUnder(other.domain, domain))) {
    throw new PublicError("ERR_NGROK_417", { domain });
  }
  return domain;
}

/**
 * Whoever reserves it, also the operator in the configuration. Single names are never too wide.
 * @throws PublicError for a wildcard over names of the edge, or over a whole top-level domain
 */
export function checkWidth(domain: string, own: OwnNames): void {
  if (!isWildcardName(domain)) return;
  if (coversEdge(domain, own)) throw new PublicError("ERR_NGROK_416", { domain });
  if (isTooWide(domain, own)) throw new PublicError("ERR_GINNEL_WIDE_WILDCARD", { domain });
}

/** Whether a name lies below a domain of the edge, so that its DNS leads here already. */
export function isBelowBase(name: string, baseDomains: readonly string[]): boolean {
  return baseDomains.some((base) => name.endsWith(`.${base}`));
}

/** `*.b.c` and `*.c` for `a.b.c`; for `*.b.c` what covers that. Longer before shorter. */
function wildcardsOver(name: string): readonly string[] {
  const labels = name.split(".").slice(1);
  return labels.map((_, index) => `*.${labels.slice(index).join(".")}`).filter((wildcard) => wildcard !== name);
}

/** Whether a name is the edge's own, so that nobody else ever serves it. */
export function isOfEdge(name: string, { baseDomains, protectedNames }: OwnNames): boolean {
  return baseDomains.includes(name) || protectedNames.includes(name);
}

/** Whether a domain is a wildcard over a name, which may be a wildcard itself. */
export function isUnder(name: string, domain: string): boolean {
  return isWildcardName(domain) && name !== domain && name.endsWith(domain.slice(1));
}

/** Neither an IPv4 address, whose last part is digits in every spelling, nor a whole top-level domain. */
function isNameBelowAnother(domain: string): boolean {
  const labels = domain.split(".");
  return labels.length > 1 && !/^\d+$/.test(labels.at(-1) ?? "");
}

function isTooWide(domain: string, own: OwnNames): boolean {
  if (!isWildcardName(domain)) return false;
  return domain.split(".").length <= MIN_WILDCARD_LABELS || coversEdge(domain, own);
}

/** Every name below a base domain that nobody reserved counts as the edge's own. */
function coversEdge(domain: string, { baseDomains, protectedNames }: OwnNames): boolean {
  const names = [...baseDomains.map((base) => `*.${base}`), ...baseDomains, ...protectedNames];
  return names.some((name) => name === domain || isUnder(name, domain));
}

function isOneLabelBelow(name: string, baseDomains: readonly string[]): boolean {
  return baseDomains.includes(name.slice(name.indexOf(".") + 1));
}
