/** Visitors who wait for names on their way back, and who let each of them go on when its name is there, or the time is over. */
import type { Clock } from "../../base/clock.ts";
import type { OnFault } from "../../net/faults.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { type Routed, rivalOf } from "../routing-table.ts";
import { SharedRoom } from "../shared-room.ts";
import { type AwaitedPlace, type ExpectedName, ExpectedNames, isAwaitedPlace } from "./expected-names.ts";

/** What visitors sent who wait, together, each with {@link WAITING_BYTES} more: strangers send it. */
export const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Of one address (IPv6: /64): thousands of the usual requests, since all may come through one proxy. */
export const MAX_WAITING_BYTES_OF_ADDRESS = 16 * 1024 * 1024;
/** What a visitor costs beside that. */
export const WAITING_BYTES = 4 * 1024;
/** An agent that was sent the answer to its bind would refuse visitors whom it meets before it has dealt with that. */
const SETTLE_MS = 20;

export interface WaitingVisitor {
  readonly ip: string;
  /** Of it that are kept meanwhile. */
  readonly bytes: number;
  /** Once, on a later turn, unless it has left: it looks for its endpoint again. */
  readonly onOver: () => void;
}

/** To be called when the visitor leaves; may be called twice, and after it went on. */
export type LeaveWait = () => void;

export interface WaitingVisitorsOptions {
  readonly clock: Clock;
  /** Hears what letting a visitor go on has thrown. */
  readonly onFault: OnFault;
  readonly log: Logger;
}

export class WaitingVisitors {
  readonly #options: WaitingVisitorsOptions;
  #expected = new ExpectedNames();
  readonly #room = new SharedRoom({ totalBytes: MAX_WAITING_BYTES, addressBytes: MAX_WAITING_BYTES_OF_ADDRESS });
  readonly #waiting = new Map<ExpectedName, Set<WaitingVisitor>>();
  #cancelEnd: () => void = () => {};
  #isClosed = false;

  constructor(options: WaitingVisitorsOptions) {
    this.#options = options;
  }

  /** Visitors of these names wait for so long at most, until they come. */
  expect(names: readonly ExpectedName[], forMs: number): void {
    if (names.length === 0) return;
    const { clock } = this.#options;
    this.#expected.expect(names, clock.nowMs() + forMs);
    this.#cancelEnd();
    this.#cancelEnd = clock.after(this.#expected.leftMs(clock.nowMs()), () => this.#end());
  }

  /** The names that have not come, and how long they are expected yet. */
  get expected(): { readonly names: readonly ExpectedName[]; readonly forMs: number } {
    const nowMs = this.#options.clock.nowMs();
    return { names: this.#expected.all(nowMs), forMs: this.#expected.leftMs(nowMs) };
  }

  /**
   * Somebody serves a name, and knows that: nobody waits for it any more. Those who wait for a wildcard above it, or for either of tls and https, which
   * exclude each other, look again too: it may be theirs.
   */
  came({ place, host }: Pick<Routed, "place" | "host">): void {
    const name = this.#expected.came({ place, host });
    if (name !== undefined) this.#wake(name);
    for (const one of new Set([place, rivalOf(place)])) {
      const other = isAwaitedPlace(one) ? this.find(one, host) : undefined;
      if (other !== undefined) this.#wake(other);
    }
  }

  #wake(name: ExpectedName): void {
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) return;
    this.#waiting.delete(name);
    this.#options.clock.after(SETTLE_MS, () => {
      // Those that leave meanwhile are not in it any more.
      for (const visitor of waiting) this.#letGo(visitor, waiting);
    });
  }

  /** Some name has not come. On the path of every request. */
  get isExpecting(): boolean {
    return this.#expected.size > 0;
  }

  /** The name that a visitor of this one could wait for. */
  find(place: AwaitedPlace, host: string): ExpectedName | undefined {
    return this.#expected.find(place, host, this.#options.clock.nowMs());
  }

  /** `name` is from {@link find}. "full": too many wait, or the edge stops. */
  wait(name: ExpectedName, visitor: WaitingVisitor): LeaveWait | "full" {
    if (this.#isClosed || !this.#room.take(visitor.ip, visitor.bytes + WAITING_BYTES)) return "full";
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting.add(visitor));
    return () => void this.#leave(visitor, waiting);
  }

  /** Nobody waits any more: the edge stops, and agents go elsewhere. */
  close(): void {
    this.#isClosed = true;
    this.#cancelEnd();
    this.#letAllGo();
  }

  #end(): void {
    const missing = this.#expected.size;
    this.#expected = new ExpectedNames();
    if (missing > 0) this.#options.log.info("names that were waited for have not come back", { names: missing });
    this.#letAllGo();
  }

  #letAllGo(): void {
    const left = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of left) for (const visitor of waiting) this.#letGo(visitor, waiting);
  }

  #letGo(visitor: WaitingVisitor, waiting: Set<WaitingVisitor>): void {
    if (!this.#leave(visitor, waiting)) return;
    try {
      visitor.onOver();
    } catch (fault) {
      this.#options.onFault(fault);
    }
  }

  #leave(visitor: WaitingVisitor, waiting: Set<WaitingVisitor>): boolean {
    if (!waiting.delete(visitor)) return false;
    this.#room.give(visitor.ip, visitor.bytes + WAITING_BYTES);
    return true;
  }
}
