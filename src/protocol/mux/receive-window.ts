/**
 * What we allow the peer to send on one stream, and when we allow more. Starts at the window of the protocol, returns
 * credit for consumed bytes in steps, and doubles while a stream uses up more than half of it per round trip
 * (protocol.md section 11 rules 1 and 2). Beside streams that say little it gives credit out of a part of the window only.
 * Invariant: left + waiting for the handler + unreturned = size.
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
/** What may be under way beside others, of what a round trip carries: a third of it may queue, and rates stay what they were. */
const SHARED_SHARE = 1.5;
/** Of what a round trip carried at best, what counts a round trip later: streams and lines have pauses. */
const CARRIED_MEMORY = 7 / 8;
/** A stream that got much has pauses; one that is kept for something else is idle, or says little, for longer. */
const MUCH_MEMORY_MS = 1_000;

export interface ConsumptionView {
  readonly nowMs: number;
  /** Undefined until it was measured. */
  readonly roundTripMs: number | undefined;
  readonly creditStepBytes: number;
  /** The peer keeps credit above its first window. From any other nothing may be held back: it would never get that. */
  readonly peerKeepsCredit: boolean;
}

export class ReceiveWindow {
  readonly #budget: GrowthBudget;
  #sizeBytes = INITIAL_WINDOW_BYTES;
  #leftBytes = INITIAL_WINDOW_BYTES;
  #unreturnedBytes = 0;
  /** Nothing is returned that would let the peer send more than this at a time. */
  #limitBytes = Number.POSITIVE_INFINITY;
  #measuredFromMs = Number.NEGATIVE_INFINITY;
  #measuredBytes = 0;
  #gotMuchAtMs = Number.NEGATIVE_INFINITY;
  /** What a round trip carries: the best of those lately. */
  #carriedBytes = 0;

  constructor(budget: GrowthBudget) {
    this.#budget = budget;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Whether so much came in a round trip, lately, that a first window grows. */
  hasGotMuch(nowMs: number): boolean {
    return nowMs - this.#gotMuchAtMs < MUCH_MEMORY_MS;
  }

  /** The peer sends this much. False: that is more than it was allowed. */
  admit(bytes: number): boolean {
    this.#leftBytes -= bytes;
    return this.#leftBytes >= 0;
  }

  /**
   * The handler has consumed this much. True: `creditStepBytes` have come together that may be returned, so it is time to.
   * Without a known round trip nothing grows.
   *
   * `isShared`: others on the session say little and are to be heard soon. What is held back for them is returned when they fall
   * silent. Only for a peer that keeps credit above its first window.
   *
   * While the budget is short, a stream that says little gets no credit for what it says until its window is the first one again: others
   * may grow by that.
   */
  consume(bytes: number, view: ConsumptionView, isShared: boolean): boolean {
    const { nowMs, roundTripMs, creditStepBytes, peerKeepsCredit } = view;
    this.#unreturnedBytes += bytes;
    if (roundTripMs !== undefined) this.#measure(bytes, nowMs, Math.max(roundTripMs, MIN_ROUND_TRIP_MS));
    if (peerKeepsCredit && this.#budget.isShort && !this.hasGotMuch(nowMs)) this.#narrow(bytes);
    this.#limitBytes = isShared ? this.#sharedLimitBytes(roundTripMs) : Number.POSITIVE_INFINITY;
    return this.#returnableBytes >= creditStepBytes;
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
    const credit = this.#returnableBytes;
    this.#unreturnedBytes -= credit;
    this.#leftBytes += credit;
    return credit;
  }

  /** The stream is gone: what it grew by is free for others. */
  release(): void {
    this.#budget.giveBack(this.#sizeBytes - INITIAL_WINDOW_BYTES);
    this.#sizeBytes = INITIAL_WINDOW_BYTES;
  }

  get #returnableBytes(): number {
    return Math.max(0, Math.min(this.#unreturnedBytes, this.#limitBytes - this.#leftBytes));
  }

  /**
   * Three eighths of the window keep a stream going whose round trip became longer than the best that was measured. Never less
   * than a first window, so a peer that has used up what it may send gets a whole step of credit.
   */
  #sharedLimitBytes(roundTripMs = 0): number {
    const useful = Math.max((this.#sizeBytes * 3) / 8, this.#carriedBytes * SHARED_SHARE);
    return Math.floor(Math.max(INITIAL_WINDOW_BYTES, Math.min(useful, roundTripMs * BYTES_PER_MS)));
  }

  /** Allows the peer this much less than before, which was just consumed; never less than a first window. */
  #narrow(bytes: number): void {
    const less = Math.min(bytes, this.#sizeBytes - INITIAL_WINDOW_BYTES);
    this.#sizeBytes -= less;
    this.#unreturnedBytes -= less;
    this.#budget.giveBack(less);
  }

  #measure(bytes: number, nowMs: number, roundTripMs: number): void {
    const sinceMs = nowMs - this.#measuredFromMs;
    if (sinceMs > roundTripMs) {
      this.#carriedBytes = Math.max((this.#measuredBytes * roundTripMs) / sinceMs, this.#carriedBytes * CARRIED_MEMORY);
      this.#restart(nowMs);
    }
    this.#measuredBytes += bytes;
    this.#carriedBytes = Math.max(this.#carriedBytes, this.#measuredBytes);
    if (this.#measuredBytes * 2 > INITIAL_WINDOW_BYTES) this.#gotMuchAtMs = nowMs;
    const growth = this.#sizeBytes;
    if (this.#measuredBytes * 2 <= growth || growth * 2 > maxWindowBytes(roundTripMs)) return;
    if (growth > this.#budget.shareBytes || !this.widen(growth)) return;
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
