/**
 * Which endpoint serves a name. Knows names and generations; knows nothing of sockets, sessions or policies.
 *
 * A host name has three places: `http`, `https` and `tls`. The last two exclude each other, because both are chosen by the
 * server name of one TLS port (reference.md 7.2). TCP endpoints are found by port. Internal names have places of their own for
 * each account, scheme and port (reference.md 7.12): no visitor's name ever leads there.
 */
import type { InternalUrl } from "../model/internal-url.ts";

export type TcpPlace = `tcp:${number}`;
export type InternalPlace = `internal:${string}`;
/** Of host names. */
export const PUBLIC_PLACES = ["http", "https", "tls"] as const;
export type Place = (typeof PUBLIC_PLACES)[number] | TcpPlace | InternalPlace;

export interface Routed {
  readonly place: Place;
  /** Lower-case host name, or a wildcard `*.example.com`. */
  readonly host: string;
  /** Those of one pool share their place (reference.md 7.12); without a pool an endpoint has it for itself. */
  readonly pool?: string | undefined;
  /** Somebody serves it. */
  readonly isOnline?: boolean;
  /** Whoever serves it does not answer: visitors go to others of its pool, as long as there are some. */
  readonly isSilent?: boolean;
}

/** Hears within the turn of the change, behind it. */
export interface RoutingListener<E> {
  onTaken?(endpoint: E): void;
  onLeft?(endpoint: E): void;
}

export class RoutingTable<E extends Routed> {
  /** Who is in a place; several are of one pool, and stand in the order of their turns. Never empty. */
  readonly #entries = new Map<string, readonly [E, ...E[]]>();
  readonly #listeners: RoutingListener<E>[] = [];

  /** For as long as the table lives. */
  listen(listener: RoutingListener<E>): void {
    this.#listeners.push(listener);
  }

  /** Puts an endpoint in its place, or answers who keeps it out. */
  claim(endpoint: E): E | undefined {
    const holder = this.holderOf(endpoint);
    if (holder !== undefined) return holder;
    const key = keyOf(endpoint.place, endpoint.host);
    const members = this.#entries.get(key);
    this.#entries.set(key, members === undefined ? [endpoint] : [...members, endpoint]);
    for (const listener of this.#listeners) listener.onTaken?.(endpoint);
    return undefined;
  }

  /** The endpoint that keeps another one out of this place: it has the place for itself, or excludes it. */
  holderOf({ place, host, pool }: Routed): E | undefined {
    const [holder] = this.#entries.get(keyOf(place, host)) ?? [];
    if (holder !== undefined && (pool === undefined || holder.pool !== pool)) return holder;
    const rival = rivalOf(place);
    return rival === place ? undefined : this.#entries.get(keyOf(rival, host))?.[0];
  }

  /**
   * Puts an endpoint where another one is, or elsewhere, so that nobody ever finds the place without either. Answers who keeps
   * it out; then the former one is gone all the same.
   */
  replace(former: E, endpoint: E): E | undefined {
    const key = keyOf(former.place, former.host);
    const members = this.#entries.get(key);
    const isSamePlace = key === keyOf(endpoint.place, endpoint.host) && members?.length === 1;
    if (isSamePlace && members[0] === former) {
      this.#entries.set(key, [endpoint]);
      for (const listener of this.#listeners) listener.onTaken?.(endpoint);
      return undefined;
    }
    this.release(former);
    return this.claim(endpoint);
  }

  /** Removes this very endpoint; others in the same place stay. Answers whether it was there. */
  release(endpoint: E): boolean {
    const key = keyOf(endpoint.place, endpoint.host);
    const [first, ...more] = (this.#entries.get(key) ?? []).filter((member) => member !== endpoint);
    if (!this.has(endpoint)) return false;
    if (first === undefined) this.#entries.delete(key);
    else this.#entries.set(key, [first, ...more]);
    for (const listener of this.#listeners) listener.onLeft?.(endpoint);
    return true;
  }

  /** Whether this very endpoint is in its place. */
  has(endpoint: E): boolean {
    return this.#entries.get(keyOf(endpoint.place, endpoint.host))?.includes(endpoint) === true;
  }

  /**
   * The endpoint for a visitor: the exact name, else the wildcard with the longest suffix (reference.md 7.3 rule 4). Of a pool
   * the online member whose turn it is, until {@link served} says that it had it; those that are silent are passed over while
   * others are not.
   */
  find(place: Exclude<Place, TcpPlace>, host: string): E | undefined {
    const exact = this.at({ place, host });
    if (exact !== undefined) return exact;
    for (let dot = host.indexOf("."); dot >= 0; dot = host.indexOf(".", dot + 1)) {
      const wildcard = this.at({ place, host: `*${host.slice(dot)}` });
      if (wildcard !== undefined) return wildcard;
    }
    return undefined;
  }

  /** The endpoint in this very place; of a pool as {@link find}. */
  at({ place, host }: Pick<Routed, "place" | "host">): E | undefined {
    const members = this.#entries.get(keyOf(place, host));
    if (members === undefined || members.length === 1) return members?.[0];
    const online = members.filter(({ isOnline }) => isOnline !== false);
    return online.find(({ isSilent }) => isSilent !== true) ?? online[0] ?? members[0];
  }

  /**
   * A visitor's request or connection has come to this endpoint: in its pool all others come before it now. Not for mere
   * look-ups, which would cost members their turns.
   */
  served(endpoint: E): void {
    const [next, ...more] = this.#othersOf(endpoint);
    if (next !== undefined) this.#entries.set(keyOf(endpoint.place, endpoint.host), [next, ...more, endpoint]);
  }

  /** Whether there are others of its pool. */
  isShared(endpoint: E): boolean {
    return this.#othersOf(endpoint).length > 0;
  }

  /** Endpoints of other places on the same host: `http` beside `https`. */
  *onHost(host: string): Generator<E> {
    for (const place of PUBLIC_PLACES) yield* this.#entries.get(keyOf(place, host)) ?? [];
  }

  /** Every one there is. */
  *all(): Generator<E> {
    for (const members of this.#entries.values()) yield* members;
  }

  /** Those that share the place of this very endpoint with it. */
  #othersOf(endpoint: E): readonly E[] {
    if (endpoint.pool === undefined || !this.has(endpoint)) return [];
    return (this.#entries.get(keyOf(endpoint.place, endpoint.host)) ?? []).filter((member) => member !== endpoint);
  }

  /** Places that are taken. */
  get size(): number {
    return this.#entries.size;
  }
}

/** Where an internal endpoint of an account is found. */
export function internalPlace(
  accountId: string,
  { scheme, port }: Pick<InternalUrl, "scheme" | "port">,
): InternalPlace {
  return `internal:${accountId}:${scheme}:${port}`;
}

export function isTcpPlace(place: Place): place is TcpPlace {
  return place.startsWith("tcp:");
}

export function portOfPlace(place: TcpPlace): number {
  return Number(place.slice("tcp:".length));
}

export function isInternalPlace(place: string): place is InternalPlace {
  return place.startsWith("internal:");
}

/** The place on the same host that a place excludes; itself where there is none. */
export function rivalOf(place: Place): Place {
  if (place === "https") return "tls";
  return place === "tls" ? "https" : place;
}

/** TCP places are found by port alone, whatever host name their URL shows. */
function keyOf(place: Place, host: string): string {
  return isTcpPlace(place) ? place : `${place} ${host}`;
}
