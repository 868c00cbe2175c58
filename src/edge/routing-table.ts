/**
 * Which endpoint serves a name. Knows names and generations; knows nothing of sockets, sessions or policies.
 *
 * A host name has three places: `http`, `https` and `tls`. The last two exclude each other, because both are chosen by the
 * server name of one TLS port (reference.md 7.2). TCP endpoints are found by port.
 */
export type Place = "http" | "https" | "tls" | `tcp:${number}`;

export interface Routed {
  readonly place: Place;
  /** Lower-case host name, or a wildcard `*.example.com`. */
  readonly host: string;
}

export class RoutingTable<E extends Routed> {
  readonly #entries = new Map<string, E>();

  /** Puts an endpoint in its place, or answers who holds it (or excludes it) already. */
  claim(endpoint: E): E | undefined {
    const holder = this.holderOf(endpoint);
    if (holder === undefined) this.#entries.set(keyOf(endpoint.place, endpoint.host), endpoint);
    return holder;
  }

  /** The endpoint that holds this place, or the one that excludes it. */
  holderOf({ place, host }: Routed): E | undefined {
    return this.#entries.get(keyOf(place, host)) ?? this.#entries.get(keyOf(rivalOf(place), host));
  }

  /** Removes this very endpoint; a newer one in the same place stays. Answers whether it was there. */
  release(endpoint: E): boolean {
    const key = keyOf(endpoint.place, endpoint.host);
    return this.#entries.get(key) === endpoint && this.#entries.delete(key);
  }

  /** The endpoint for a visitor: the exact name, else the wildcard with the longest suffix (reference.md 7.3 rule 4). */
  find(place: "http" | "https" | "tls", host: string): E | undefined {
    const exact = this.#entries.get(keyOf(place, host));
    if (exact !== undefined) return exact;
    for (let dot = host.indexOf("."); dot >= 0; dot = host.indexOf(".", dot + 1)) {
      const wildcard = this.#entries.get(keyOf(place, `*${host.slice(dot)}`));
      if (wildcard !== undefined) return wildcard;
    }
    return undefined;
  }

  /** Endpoints of other places on the same host: `http` beside `https`. */
  *onHost(host: string): Generator<E> {
    for (const place of ["http", "https", "tls"] as const) {
      const entry = this.#entries.get(keyOf(place, host));
      if (entry !== undefined) yield entry;
    }
  }

  get size(): number {
    return this.#entries.size;
  }
}

/** The place on the same host that a place excludes; itself where there is none. */
export function rivalOf(place: Place): Place {
  if (place === "https") return "tls";
  return place === "tls" ? "https" : place;
}

/** TCP places are found by port alone, whatever host name their URL shows. */
function keyOf(place: Place, host: string): string {
  return place.startsWith("tcp:") ? place : `${place} ${host}`;
}
