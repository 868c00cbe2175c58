import type { Endpoint } from "../endpoint.ts";
import type { OpenVisitor, VisitorKeeper } from "../open-visitors.ts";

/**
 * The endpoints that one connection of a visitor has come for, each of which counts it once, until it ends. Stands between the connection
 * and its keeper, which hears everything as before.
 */
export class EndpointVisit implements VisitorKeeper {
  readonly #keeper: VisitorKeeper;
  /** Nearly always the only one. */
  #endpoint: Endpoint | undefined;
  #others: Set<Endpoint> | undefined;
  #hasEnded = false;

  constructor(keeper: VisitorKeeper) {
    this.#keeper = keeper;
  }

  /** On the path of every request. Answers the same endpoint. */
  cameFor(endpoint: Endpoint | undefined): Endpoint | undefined {
    if (endpoint === undefined || endpoint === this.#endpoint || this.#hasEnded) return endpoint;
    if (this.#endpoint === undefined) this.#endpoint = endpoint;
    else if (this.#others?.has(endpoint) === true) return endpoint;
    else (this.#others ??= new Set()).add(endpoint);
    endpoint.meter.onVisitor();
    return endpoint;
  }

  get isDraining(): boolean {
    return this.#keeper.isDraining;
  }

  add(visitor: OpenVisitor, arrivingFrom?: string): void {
    this.#keeper.add(visitor, arrivingFrom);
  }

  onAsked(visitor: OpenVisitor): void {
    this.#keeper.onAsked(visitor);
  }

  onServed(visitor: OpenVisitor, arrivingFrom?: string): void {
    this.#keeper.onServed(visitor, arrivingFrom);
  }

  /** Perhaps more than once. */
  remove(visitor: OpenVisitor): void {
    this.#keeper.remove(visitor);
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#endpoint?.meter.onVisitorGone();
    for (const other of this.#others ?? []) other.meter.onVisitorGone();
  }
}
