/** Where visitors, and policies that forward, find endpoints. Knows which names are no endpoint's; knows no connection. */
import type { InternalUrl } from "../model/internal-url.ts";
import { isOfEdge, type OwnNames } from "../model/reservations.ts";
import type { Endpoint } from "./endpoint.ts";
import type { OwnSites } from "./own-sites.ts";
import type { AwaitedPlace, ExpectedName } from "./returning/expected-names.ts";
import type { LeaveWait, WaitingVisitor, WaitingVisitors } from "./returning/waiting-visitors.ts";
import { internalPlace, type RoutingTable } from "./routing-table.ts";

export interface VisitorRoutesOptions {
  readonly names: OwnNames;
  readonly sites: OwnSites;
  readonly routes: RoutingTable<Endpoint>;
  readonly waiting: WaitingVisitors;
}

/** Has visitors wait for names on their way back. */
export interface ReturningNames {
  /**
   * The name that a visitor of this one has to wait for: it was online at the end of the last edge, and what is online now serves this one
   * less exactly. On the path of every request.
   */
  expected(place: AwaitedPlace, host: string): ExpectedName | undefined;
  /** As {@link expected}, for what a policy of the account forwards there. */
  expectedInternal(accountId: string, to: InternalUrl): ExpectedName | undefined;
  /** `name` was just answered by {@link expected}, which the visitor asks again when it hears that the wait is over. "full": no more may wait. */
  wait(name: ExpectedName, visitor: WaitingVisitor): LeaveWait | "full";
}

/** "full": it gets nobody, since nobody here can tell it inside its TLS to come again. */
export type TlsWaitEnd = "over" | "full";

export class VisitorRoutes implements ReturningNames {
  readonly #options: VisitorRoutesOptions;

  constructor(options: VisitorRoutesOptions) {
    this.#options = options;
  }

  /** The names of the edge and of its own sites are nobody's, also below a wildcard. */
  find(place: "http" | "https" | "tls", host: string): Endpoint | undefined {
    const { names, sites, routes } = this.#options;
    return sites.find(host) !== undefined || isOfEdge(host, names) ? undefined : routes.find(place, host);
  }

  expected(place: AwaitedPlace, host: string): ExpectedName | undefined {
    return this.#options.waiting.isExpecting ? this.#expectedIn([place], host) : undefined;
  }

  expectedInternal(accountId: string, to: InternalUrl): ExpectedName | undefined {
    return this.expected(internalPlace(accountId, to), to.host);
  }

  wait(name: ExpectedName, visitor: WaitingVisitor): LeaveWait | "full" {
    return this.#options.waiting.wait(name, visitor);
  }

  /**
   * As {@link wait} before the handshake, which may need what the endpoint says of TLS. Never for a wildcard of https, as the one who
   * comes may be its agent: that waits with its request. `undefined`: there is nothing to wait for.
   */
  waitForTls(
    host: string,
    visitor: Omit<WaitingVisitor, "onOver">,
    signal: AbortSignal,
  ): Promise<TlsWaitEnd> | undefined {
    if (!this.#options.waiting.isExpecting || signal.aborted) return undefined;
    const name = this.#expectedIn(["https", "tls"], host);
    if (name === undefined || (name.place === "https" && name.host !== host)) return undefined;
    const over = Promise.withResolvers<void>();
    const wait = this.#options.waiting.wait(name, { ...visitor, onOver: over.resolve });
    // The request hears of it where there is one to be seen.
    if (wait === "full") return name.place === "tls" ? Promise.resolve("full") : undefined;
    const leave = (): void => {
      wait();
      over.resolve();
    };
    signal.addEventListener("abort", leave, { once: true });
    return over.promise.then(() => {
      signal.removeEventListener("abort", leave);
      return this.waitForTls(host, visitor, signal) ?? "over";
    });
  }

  /** The internal endpoint of the account, if it is online; what asked for it comes to it now. */
  takeInternal(accountId: string, to: InternalUrl): Endpoint | undefined {
    const { routes } = this.#options;
    const endpoint = routes.find(internalPlace(accountId, to), to.host);
    if (endpoint?.isOnline !== true) return undefined;
    this.served(endpoint);
    return endpoint;
  }

  /** As {@link find}, for a visitor that comes to the endpoint now. */
  take(place: "tls", host: string): Endpoint | undefined {
    const endpoint = this.find(place, host);
    if (endpoint !== undefined) this.served(endpoint);
    return endpoint;
  }

  /**
   * A visitor's request or connection has come to this endpoint, which has had its turn, even when it turns the visitor away or
   * answers without an agent: others of its pool may have other rules, and it must not keep the pool for itself.
   */
  served(endpoint: Endpoint): void {
    this.#options.routes.served(endpoint);
  }

  /** Something of a visitor has been sent to the endpoint's agent. */
  sent(endpoint: Endpoint): void {
    if (this.#options.routes.isShared(endpoint)) endpoint.expectWord();
  }

  /** Whether it is still the visitors' way. */
  has(endpoint: Endpoint): boolean {
    return this.#options.routes.has(endpoint);
  }

  #expectedIn(places: readonly AwaitedPlace[], host: string): ExpectedName | undefined {
    const { waiting } = this.#options;
    const expected = places.flatMap((place) => waiting.find(place, host) ?? []);
    if (expected.length === 0) return undefined;
    const { sites, names, routes } = this.#options;
    if (sites.find(host) !== undefined || isOfEdge(host, names)) return undefined;
    // Whose agent has not heard of it yet comes soon, and all who wait are told.
    const online = places.flatMap((place) => routes.find(place, host) ?? []).filter(({ isAnswered }) => isAnswered);
    const exactest = Math.max(...online.map((endpoint) => exactness(endpoint, host)), 0);
    // Not the first of them: a visitor of the exact name is not for the wildcard's agent.
    const [name] = expected.toSorted((one, other) => exactness(other, host) - exactness(one, host));
    return name !== undefined && exactness(name, host) > exactest ? name : undefined;
  }
}

/** Of two that serve a name, the one with the greater number has it. */
function exactness({ host }: Pick<Endpoint, "host">, asked: string): number {
  return host === asked ? Infinity : host.length;
}
