/**
 * What we allow the peer to send on one stream, and when we allow more. Starts at the window of the protocol, returns
 * credit for consumed bytes in steps, and doubles while a stream uses up more than half of it per round trip
 * (protocol.md section 11 rules 1 and 2). Invariant: left + waiting for the handler + unreturned = size.
 */
import type { GrowthBudget } from "./growth-budget.ts";

/** Both directions of every stream start with this much (protocol.md section 2). */
export const INITIAL_WINDOW_BYTES = 262_144;
/**
 * Consumed bytes that are collected before they are returned. Far below 131 072, whatever the window has grown to: a peer
 * that throws away credit above its first window stalls otherwise (protocol.md section 10 rule 11).
 */
export const CREDIT_STEP_BYTES = 65_536;
/**
 * One stream may fill a link of 2 Gbit/s, and of 1 Gbit/s still at 128 ms. What it is allowed beyond what the link holds
 * would only queue in front of everybody else's bytes, and stay with us when its reader stops.
 */
const BYTES_PER_MS = 256 * 1024;
const MAX_WINDOW_BYTES = 16 * 1024 * 1024;
/** What a reader next door needs to be served at full speed: two of the largest reads of a socket. */
const MAX_NEAR_WINDOW_BYTES = 1024 * 1024;
/** On a shorter round trip the turns of the two event loops decide, not the link. */
const MIN_ROUND_TRIP_MS = 2;

export interface ConsumptionView {
  readonly nowMs: number;
  /** Undefined until it was measured. */
  readonly roundTripMs: number | undefined;
  readonly creditStepBytes: number;
}

export class ReceiveWindow {
  readonly #budget: GrowthBudget;
  #sizeBytes = INITIAL_WINDOW_BYTES;
  #leftBytes = INITIAL_WINDOW_BYTES;
  #unreturnedBytes = 0;
  #measuredFromMs = Number.NEGATIVE_INFINITY;
  #measuredBytes = 0;

  constructor(budget: GrowthBudget) {
    this.#budget = budget;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The peer sends this much. False: that is more than it was allowed. */
  admit(bytes: number): boolean {
    this.#leftBytes -= bytes;
    return this.#leftBytes >= 0;
  }

  /**
   * The handler has consumed this much. True: `creditStepBytes` have come together, so it is time to return credit.
   * Without a known round trip nothing grows.
   */
  consume(bytes: number, { nowMs, roundTripMs, creditStepBytes }: ConsumptionView): boolean {
    this.#unreturnedBytes += bytes;
    if (roundTripMs !== undefined) this.#measure(bytes, nowMs, Math.max(roundTripMs, MIN_ROUND_TRIP_MS));
    return this.#unreturnedBytes >= creditStepBytes;
  }

  /** Allows the peer this much more than before. False, and nothing changes, when the session's budget has less. */
  widen(bytes: number): boolean {
    if (!this.#budget.take(bytes)) return false;
    this.#sizeBytes += bytes;
    this.#unreturnedBytes += bytes;
    return true;
  }

  /** The increment to send now; 0 when there is none. */
  takeCredit(): number {
    const credit = this.#unreturnedBytes;
    this.#unreturnedBytes = 0;
    this.#leftBytes += credit;
    return credit;
  }

  /** The stream is gone: what it grew by is free for others. */
  release(): void {
    this.#budget.giveBack(this.#sizeBytes - INITIAL_WINDOW_BYTES);
    this.#sizeBytes = INITIAL_WINDOW_BYTES;
  }

  #measure(bytes: number, nowMs: number, roundTripMs: number): void {
    if (nowMs - this.#measuredFromMs > roundTripMs) this.#restart(nowMs);
    this.#measuredBytes += bytes;
    const growth = this.#sizeBytes;
    if (this.#measuredBytes * 2 <= growth || growth * 2 > maxWindowBytes(roundTripMs) || !this.widen(growth)) return;
    this.#restart(nowMs);
  }

  #restart(nowMs: number): void {
    this.#measuredFromMs = nowMs;
    this.#measuredBytes = 0;
  }
}

function maxWindowBytes(roundTripMs: number): number {
  return Math.min(Math.max(roundTripMs * BYTES_PER_MS, MAX_NEAR_WINDOW_BYTES), MAX_WINDOW_BYTES);
}
