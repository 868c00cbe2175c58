/** The connections that are open, or may become those of visitors, so that an edge can stop without cutting them. */

import { Arrivals } from "./arrivals.ts";
import type { MayStay } from "./visitors/account-guard.ts";

/** What a visitor came for, as its endpoint's URL says it. */
export type VisitorProtocol = "http" | "https" | "tls" | "tcp";

export interface OpenVisitor {
  /** Absent while that is not known, or is none. */
  readonly protocol?: VisitorProtocol;
  /** Ends as soon as nothing is under way; may end at once, or never. */
  drain(): void;
  /** Ends now, whatever is under way. */
  cut(): void;
  /** Ends what is under way with an endpoint where it may not stay; absent while it has none. */
  recheck?(mayStay: MayStay): void;
}

/** What a visitor tells whoever keeps it. */
export type VisitorKeeper = Pick<OpenVisitors, "isDraining" | "add" | "onAsked" | "onServed" | "remove">;

/** Somebody who has not come to the point yet, and may have to give way. */
export interface Arriving {
  /** Ends now. */
  cut(): void;
}

export class OpenVisitors {
  /** Agents that were not let in yet are there too. */
  readonly arrivals = new Arrivals<Arriving>();
  readonly #visitors = new Set<OpenVisitor>();
  /** Those that need nothing any more while their connection is still there. */
  readonly #served = new Set<OpenVisitor>();
  #isDraining = false;
  readonly #empty = Promise.withResolvers<void>();

  /** Connections, also of those that were served. */
  get count(): number {
    return this.#visitors.size + this.#served.size;
  }

  /** Of those whose protocol is known. Goes through all of them. */
  countByProtocol(): ReadonlyMap<VisitorProtocol, number> {
    const counts = new Map<VisitorProtocol, number>();
    for (const visitors of [this.#visitors, this.#served]) {
      for (const { protocol } of visitors) {
        if (protocol !== undefined) counts.set(protocol, (counts.get(protocol) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** New exchanges are not begun any more. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** `arrivingFrom`: its address, when it has not come to the point yet; see {@link Arrivals}. */
  add(visitor: OpenVisitor, arrivingFrom?: string): void {
    this.#visitors.add(visitor);
    if (arrivingFrom !== undefined) this.arrivals.add(visitor, arrivingFrom);
    if (this.#isDraining) visitor.drain();
  }

  /** It has come to the point. */
  onAsked(visitor: OpenVisitor): void {
    this.arrivals.remove(visitor);
  }

  /** The visitor has all that it will get, and its end is awaited: nobody waits for that but we count it. `arrivingFrom` as above. */
  onServed(visitor: OpenVisitor, arrivingFrom?: string): void {
    this.#visitors.delete(visitor);
    this.#served.add(visitor);
    if (arrivingFrom !== undefined) this.arrivals.add(visitor, arrivingFrom);
    else this.arrivals.remove(visitor);
    this.#look();
  }

  /** The connection has closed, or belongs to another visitor. */
  remove(visitor: OpenVisitor): void {
    this.#visitors.delete(visitor);
    this.#served.delete(visitor);
    this.arrivals.remove(visitor);
    this.#look();
  }

  /** Asks every visitor to end, and resolves when all have been served, gone or {@link cut}. A further call waits for the same. */
  drain(): Promise<void> {
    if (!this.#isDraining) {
      this.#isDraining = true;
      for (const visitor of this.#visitors) visitor.drain();
    }
    this.#look();
    return this.#empty.promise;
  }

  /** After rules about visitors have changed. */
  recheck(mayStay: MayStay): void {
    for (const visitor of this.#visitors) visitor.recheck?.(mayStay);
  }

  /** Ends all connections, and with them every wait of {@link drain}. */
  cut(): void {
    for (const visitor of [...this.#visitors, ...this.#served]) visitor.cut();
    // One that a fault has left behind here would keep the edge from ever ending.
    this.#empty.resolve();
  }

  #look(): void {
    if (this.#isDraining && this.#visitors.size === 0) this.#empty.resolve();
  }
}
