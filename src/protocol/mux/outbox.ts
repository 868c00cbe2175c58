/**
 * What leaves next: resets and credit, then data. Streams with little to say go before those with much, once; then each has one
 * frame in its turn, so that no stream waits for more than one frame of each of the others (protocol.md section 11 rules 3 and 4).
 */
import {
  CONTROL_FRAME_BYTES,
  FLAGS,
  goAwayFrame,
  HEADER_BYTES,
  MAX_STREAM_ID,
  writeDataHeader,
  writeReset,
  writeWindowIncrement,
} from "./frame.ts";
import { MUX_ERRORS } from "./error-codes.ts";
import { MAX_PAYLOAD_BYTES } from "./send-side.ts";
import { SHORT_BYTES } from "./small-talk.ts";
import type { StreamCore } from "./stream-core.ts";

/** The least that {@link Outbox.fillBatch} takes as a target: the largest frame. */
export const MIN_BATCH_BYTES = HEADER_BYTES + MAX_PAYLOAD_BYTES;

interface PendingReset {
  readonly id: number;
  readonly code: number;
  readonly withFin: boolean;
}

export class Outbox {
  #resets: PendingReset[] = [];
  // A Set is a queue that holds each stream once and lets go of one in the middle. Adding goes to the end, also in a loop.
  readonly #credits = new Set<StreamCore>();
  readonly #first = new Set<StreamCore>();
  /** Those with little to say. Served once they go behind the others, even with nothing left, and come back here only from there. */
  readonly #short = new Set<StreamCore>();
  readonly #others = new Set<StreamCore>();
  #farewell: Uint8Array | undefined;
  #isFarewellUrgent = false;
  #isOver = false;

  get hasOutput(): boolean {
    return !this.#isOver && (this.#farewell !== undefined || this.#hasFrames());
  }

  get pendingResets(): number {
    return this.#resets.length;
  }

  /** Nothing leaves any more: the goodbye is out, or {@link stop} was called. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** With `withFin` an empty FIN goes before: some agents pass only that on to their upstream (protocol.md section 10 rule 2). */
  reset(id: number, code: number, withFin: boolean): void {
    if (!this.#isOver) this.#resets.push({ id, code, withFin });
  }

  wantsCredit(stream: StreamCore): void {
    this.#credits.add(stream);
  }

  /** Looks again whether the stream has a frame. */
  sendChanged(stream: StreamCore): void {
    if (!stream.hasFrame) return this.#leaveLines(stream);
    if (stream.goesFirst) {
      this.#leaveLines(stream);
      this.#first.add(stream);
    } else if (!this.#short.has(stream) && !this.#others.has(stream)) {
      (stream.queuedBytes <= SHORT_BYTES ? this.#short : this.#others).add(stream);
    }
  }

  forget(stream: StreamCore): void {
    this.#credits.delete(stream);
    this.#leaveLines(stream);
  }

  /** GOAWAY is the last frame: after everything that may leave without more credit, or with an error code at once. */
  goAway(lastId: number, code: number, message: string): void {
    this.#farewell ??= goAwayFrame(lastId, code, message);
    this.#isFarewellUrgent ||= code !== MUX_ERRORS.none;
  }

  stop(): void {
    this.#isOver = true;
    this.#resets = [];
    this.#credits.clear();
    this.#first.clear();
    this.#short.clear();
    this.#others.clear();
  }

  /** Writes as many whole frames as fit and returns how many bytes that were. */
  fillBatch(target: Uint8Array): number {
    if (target.length < MIN_BATCH_BYTES) throw new RangeError(`a batch holds at least ${MIN_BATCH_BYTES} bytes`);
    if (this.#isOver) return 0;
    let at = 0;
    if (!this.#isFarewellUrgent) {
      at = this.#fillResets(target);
      at = this.#fillCredits(target, at);
      at = serve(this.#first, target, at, this.#first);
      at = serve(this.#short, target, at, this.#others);
      at = serve(this.#others, target, at, this.#others);
    }
    return this.#fillFarewell(target, at);
  }

  #leaveLines(stream: StreamCore): void {
    this.#first.delete(stream);
    this.#short.delete(stream);
    this.#others.delete(stream);
  }

  #hasFrames(): boolean {
    const streams = this.#credits.size + this.#first.size + this.#short.size + this.#others.size;
    return this.#resets.length > 0 || streams > 0;
  }

  #fillResets(target: Uint8Array): number {
    let at = 0;
    let written = 0;
    for (const { id, code, withFin } of this.#resets) {
      if (target.length - at < HEADER_BYTES + CONTROL_FRAME_BYTES) break;
      if (withFin) at = writeDataHeader(target, at, 0, FLAGS.fin, id);
      at = writeReset(target, at, id, code);
      written += 1;
    }
    if (written > 0) this.#resets.splice(0, written);
    return at;
  }

  #fillCredits(target: Uint8Array, from: number): number {
    let at = from;
    for (const stream of this.#credits) {
      if (target.length - at < CONTROL_FRAME_BYTES) break;
      this.#credits.delete(stream);
      const increment = stream.takeCredit();
      if (increment > 0) at = writeWindowIncrement(target, at, stream.id, Math.min(increment, MAX_STREAM_ID));
    }
    return at;
  }

  #fillFarewell(target: Uint8Array, at: number): number {
    const frame = this.#farewell;
    if (frame === undefined || target.length - at < frame.length) return at;
    if (!this.#isFarewellUrgent && this.#hasFrames()) return at;
    target.set(frame, at);
    this.stop();
    return at + frame.length;
  }
}

/** One frame for each, after which it goes to the end of `next`. */
function serve(streams: Set<StreamCore>, target: Uint8Array, from: number, next: Set<StreamCore>): number {
  let at = from;
  for (const stream of streams) {
    const end = stream.fill(target, at);
    if (end === at && stream.hasFrame) break; // the batch is full
    streams.delete(stream);
    if (stream.hasFrame || next !== streams) next.add(stream);
    at = end;
  }
  return at;
}
