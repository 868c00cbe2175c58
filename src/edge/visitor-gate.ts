/**
 * Turns visitors away while there are too many. A process without a free descriptor can accept nobody and cannot wait for one
 * either: the runtime asks the kernel again and again.
 */
import type { Duplex } from "../net/duplex.ts";
import type { Logger } from "../telemetry/logger.ts";

export interface VisitorGateOptions {
  /** Connections of visitors, and those that nobody knows yet: agents too, until they are let in. */
  readonly openNow: () => number;
  /** As many at a time. */
  readonly maxVisitors: number;
  /** Those and the agents that were let in. */
  readonly connectionsNow: () => number;
  /** As many at a time, beyond which not even agents are taken. */
  readonly maxConnections: number;
  readonly log: Logger;
}

export class VisitorGate {
  readonly #options: VisitorGateOptions;
  /** One line of the log for each time that it gets full. */
  #isFull = false;
  #turnedAway = 0;

  constructor(options: VisitorGateOptions) {
    this.#options = options;
  }

  /** Connections so far. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /** Whether the connection may go on; otherwise it was reset. */
  admits(connection: Duplex): boolean {
    const { openNow, maxVisitors, connectionsNow, maxConnections, log } = this.#options;
    const isFull = openNow() >= maxVisitors || connectionsNow() >= maxConnections;
    if (isFull) {
      this.#turnedAway += 1;
      connection.reset();
    }
    if (isFull && !this.#isFull) log.warn("visitors are turned away", { limit: maxVisitors });
    this.#isFull = isFull;
    return !isFull;
  }
}
