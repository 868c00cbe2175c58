import type { Clock } from "../../base/clock.ts";
import type { ExchangeTap } from "../../capture/exchange-tap.ts";

/** Pieces that wait are copied here. */
const WAITING_LIMIT_BYTES = 256 * 1024;
/** A larger piece is not worth the copy. */
const PIECE_LIMIT_BYTES = 16 * 1024;

type Side = "visitor" | "upstream";

interface Piece {
  readonly tap: ExchangeTap;
  readonly from: Side;
  readonly start: number;
  readonly end: number;
  readonly atMs: number;
}

/**
 * Holds what passes the tapped connections of an agent until the turn of the event loop is over, and then shows it to their
 * taps, one after the other: whoever forwards does not wait for them.
 */
export class TapQueue {
  readonly #clock: Clock;
  #octets = NOTHING;
  #filled = 0;
  #pieces: Piece[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Copies octets that passed; they may change afterwards. */
  add(tap: ExchangeTap, from: Side, octets: Uint8Array): void {
    if (octets.length === 0 || !tap.isWatching) return;
    const atMs = this.#clock.nowMs();
    if (this.#filled + octets.length > WAITING_LIMIT_BYTES) this.flush();
    if (octets.length > PIECE_LIMIT_BYTES) {
      this.flush();
      return show(tap, from, octets, atMs);
    }
    if (this.#octets.length === 0) this.#octets = new Uint8Array(WAITING_LIMIT_BYTES);
    if (this.#pieces.length === 0) setImmediate(() => this.flush());
    const start = this.#filled;
    this.#filled += octets.length;
    this.#octets.set(octets, start);
    this.#pieces.push({ tap, from, start, end: this.#filled, atMs });
  }

  /** Shows all that waits. To be called before a tap is told anything else. */
  flush(): void {
    if (this.#pieces.length === 0) return;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#filled = 0;
    // No tap adds anything while it is shown something, so that the octets stay as they are.
    for (const { tap, from, start, end, atMs } of pieces) show(tap, from, this.#octets.subarray(start, end), atMs);
  }
}

function show(tap: ExchangeTap, from: Side, octets: Uint8Array, atMs: number): void {
  if (from === "visitor") tap.fromVisitor(octets, atMs);
  else tap.fromUpstream(octets, atMs);
}

const NOTHING = new Uint8Array(0);
