/**
 * Names whose agents are on their way back, as after a restart of the edge: their visitors wait for a moment instead of hearing that
 * there is no such tunnel. This folder knows names and times; it knows no session of an agent and no request.
 */
import { isTcpPlace, type Place, type Routed, RoutingTable, type TcpPlace } from "../routing-table.ts";

/** Those in which visitors come whether an agent is there or not: nobody can wait for a TCP port that is closed. */
export type AwaitedPlace = Exclude<Place, TcpPlace>;

export interface ExpectedName {
  readonly place: AwaitedPlace;
  /** Lower case; may be a wildcard. */
  readonly host: string;
}

/** All are expected until the same moment. */
export class ExpectedNames {
  /** Emptied once the moment has passed. */
  #names = new RoutingTable<ExpectedName>();
  #untilMs = -Infinity;

  /** These too; `untilMs` is for all, unless they were expected for longer. */
  expect(names: Iterable<ExpectedName>, untilMs: number): void {
    for (const { place, host } of names) this.#names.claim({ place, host });
    this.#untilMs = Math.max(this.#untilMs, untilMs);
  }

  /** Somebody serves the name from now on. Answers it if it was expected, as {@link find} did; it is not any more. */
  came({ place, host }: Pick<Routed, "place" | "host">): ExpectedName | undefined {
    const name = this.#names.size === 0 ? undefined : this.#names.at({ place, host });
    if (name !== undefined) this.#names.release(name);
    return name;
  }

  /** The expected name that would serve this one: itself, else the wildcard with the longest suffix. The same object each time. */
  find(place: AwaitedPlace, host: string, nowMs: number): ExpectedName | undefined {
    return this.#isOver(nowMs) ? undefined : this.#names.find(place, host);
  }

  /** Those that have not come. */
  all(nowMs: number): readonly ExpectedName[] {
    return this.#isOver(nowMs) ? [] : [...this.#names.all()];
  }

  /** How many have not come, be their time over or not. */
  get size(): number {
    return this.#names.size;
  }

  /** How long they are expected from now on. */
  leftMs(nowMs: number): number {
    return Math.max(0, this.#untilMs - nowMs);
  }

  #isOver(nowMs: number): boolean {
    if (this.#names.size === 0) return true;
    if (nowMs < this.#untilMs) return false;
    this.#names = new RoutingTable();
    return true;
  }
}

export function isAwaitedPlace(place: Place): place is AwaitedPlace {
  return !isTcpPlace(place);
}
