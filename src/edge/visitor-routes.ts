/** Where visitors, and policies that forward, find endpoints. Knows which names are no endpoint's; knows no connection. */
import type { InternalUrl } from "../model/internal-url.ts";
import { isOfEdge, type OwnNames } from "../model/reservations.ts";
import type { Endpoint } from "./endpoint.ts";
import type { OwnSites } from "./own-sites.ts";
import { internalPlace, type RoutingTable } from "./routing-table.ts";

export interface VisitorRoutesOptions {
  readonly names: OwnNames;
  readonly sites: OwnSites;
  readonly routes: RoutingTable<Endpoint>;
}

export class VisitorRoutes {
  readonly #options: VisitorRoutesOptions;

  constructor(options: VisitorRoutesOptions) {
    this.#options = options;
  }

  /** The names of the edge and of its own sites are nobody's, also below a wildcard. */
  find(place: "http" | "https" | "tls", host: string): Endpoint | undefined {
    const { names, sites, routes } = this.#options;
    return sites.find(host) !== undefined || isOfEdge(host, names) ? undefined : routes.find(place, host);
  }

  /** The internal endpoint of the account, if it is online; it gets what asked for it. */
  takeInternal(accountId: string, to: InternalUrl): Endpoint | undefined {
    const { routes } = this.#options;
    const endpoint = routes.find(internalPlace(accountId, to), to.host);
    if (endpoint?.isOnline !== true) return undefined;
    this.served(endpoint);
    return endpoint;
  }

  /** As {@link find}, for a visitor that the endpoint gets now. */
  take(place: "tls", host: string): Endpoint | undefined {
    const endpoint = this.find(place, host);
    if (endpoint !== undefined) this.served(endpoint);
    return endpoint;
  }

  /** A visitor's request or connection is given to this endpoint. */
  served(endpoint: Endpoint): void {
    if (this.#options.routes.served(endpoint)) endpoint.expectWord();
  }

  /** Whether it is still the visitors' way. */
  has(endpoint: Endpoint): boolean {
    return this.#options.routes.has(endpoint);
  }
}
