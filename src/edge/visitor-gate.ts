/**
 * Turns visitors away while there are too many. A process without a free descriptor can accept nobody and cannot wait for one
 * either: the runtime asks the kernel again and again. Who has not come to the point yet may give way to a newcomer.
 */
import type { Duplex } from "../net/duplex.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Arriving } from "./open-visitors.ts";

/** Of the places: so many taken by arrivals, and it is them who fill it. */
const ARRIVING_PART = 0.25;
/** Of the places: one that was full is so until as many are free again, or each visitor who goes would begin a time of its own. */
const FREE_PART = 0.1;

export interface VisitorGateOptions {
  /** Connections of visitors, and those that nobody knows yet: agents too, until they are let in. */
  readonly openNow: () => number;
  /** As many at a time. */
  readonly maxVisitors: number;
  /** Those and the agents that were let in. */
  readonly connectionsNow: () => number;
  /** As many at a time, beyond which not even agents are taken. */
  readonly maxConnections: number;
  /** Those of them that may give way. */
  readonly arrivals: Arrivals<Arriving>;
  readonly log: Logger;
}

export class VisitorGate {
  readonly #options: VisitorGateOptions;
  /** One line of the log for each time that it gets full. */
  #wasFull = false;
  #turnedAway = 0;

  constructor(options: VisitorGateOptions) {
    this.#options = options;
  }

  /** Connections so far; each is a newcomer, or one that gave way to it. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /** Whether the connection may go on; otherwise it was reset. */
  admits(connection: Duplex): boolean {
    const { maxVisitors, arrivals, log } = this.#options;
    if (!this.#hasTaken(1)) {
      if (this.#wasFull && !this.#hasTaken(1 - FREE_PART)) this.#wasFull = false;
      return true;
    }
    if (!this.#wasFull) log.warn("visitors are turned away", { limit: maxVisitors });
    this.#wasFull = true;
    this.#turnedAway += 1;
    const leaving = arrivals.takeFor(connection.remoteAddress, maxVisitors * ARRIVING_PART);
    if (leaving === undefined) connection.reset();
    else leaving.cut();
    return leaving !== undefined;
  }

  /** This part of the places, or more. */
  #hasTaken(part: number): boolean {
    const { openNow, maxVisitors, connectionsNow, maxConnections } = this.#options;
    return openNow() >= maxVisitors * part || connectionsNow() >= maxConnections * part;
  }
}
