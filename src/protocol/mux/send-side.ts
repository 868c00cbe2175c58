/** Our direction of one stream: what waits, what the peer allows, and the next frame (protocol.md section 2). */
import { ByteQueue } from "../../base/byte-queue.ts";
import { FLAGS, HEADER_BYTES, writeDataHeader } from "./frame.ts";
import { INITIAL_WINDOW_BYTES } from "./receive-window.ts";

/** Writers are told to stop when this much waits: two batches of a link, so that it does not run dry meanwhile. */
const HIGH_WATER_BYTES = 256 * 1024;
/** Writers are called back when no more than this waits. */
const LOW_WATER_BYTES = 128 * 1024;
/** Small enough that streams interleave, large enough that the cost of headers vanishes (protocol.md section 11 rule 4). */
export const MAX_PAYLOAD_BYTES = 32_768;
/** A frame is not cut shorter than this only because a batch is nearly full. */
const MIN_CUT_BYTES = 4096;
/** Credit beyond this is thrown away: a sum of increments stays an exact number. */
const MAX_CREDIT_BYTES = 2 ** 40;

export class SendSide {
  readonly #queue = new ByteQueue(HIGH_WATER_BYTES);
  #creditBytes = INITIAL_WINDOW_BYTES;
  #isSynDue: boolean;
  #isFinDue = false;
  #hasSentFin = false;
  #isWriterWaiting = false;

  /** The opener's first frame carries SYN. */
  constructor(isOpener: boolean) {
    this.#isSynDue = isOpener;
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** False: the peer knows nothing of this stream yet. */
  get hasBegun(): boolean {
    return !this.#isSynDue;
  }

  /** Whether {@link fill} wrote FIN: nothing more will leave. */
  get hasSentFin(): boolean {
    return this.#hasSentFin;
  }

  /** Whether {@link fill} would write one now. */
  get hasFrame(): boolean {
    return this.#queue.bytes > 0 ? this.#creditBytes > 0 : this.#isFinDue;
  }

  /** False: the writer should wait for {@link takeDrain}. */
  write(bytes: Uint8Array): boolean {
    const hasRoom = this.#queue.push(bytes);
    if (!hasRoom) this.#isWriterWaiting = true;
    return hasRoom;
  }

  /** FIN goes out after everything written. */
  end(): void {
    this.#isFinDue = true;
  }

  /** The peer allows this much more. */
  grant(bytes: number): void {
    this.#creditBytes = Math.min(this.#creditBytes + bytes, MAX_CREDIT_BYTES);
  }

  /** True once after the queue has run down for a writer that waits. */
  takeDrain(): boolean {
    if (!this.isDrainDue) return false;
    this.#isWriterWaiting = false;
    return true;
  }

  get isDrainDue(): boolean {
    return this.#isWriterWaiting && this.#queue.bytes <= LOW_WATER_BYTES;
  }

  clear(): void {
    this.#queue.clear();
    this.#isFinDue = false;
    this.#isWriterWaiting = false;
  }

  /**
   * Writes one frame, when there is one and it fits, and returns where the next begins. An opener's first frame holds all
   * that waits, up to the limit of a frame, since peers read the head of a stream at one go (protocol.md section 6). SYN
   * and FIN never share a frame (section 10 rule 7). Into an empty target of a header and a full payload it always fits.
   */
  fill(target: Uint8Array, at: number, id: number): number {
    const room = target.length - at - HEADER_BYTES;
    if (room < 0 || !this.hasFrame) return at;
    const ready = Math.min(this.#queue.bytes, this.#creditBytes, MAX_PAYLOAD_BYTES);
    if (room < ready && (this.#isSynDue || room < MIN_CUT_BYTES)) return at;
    const length = Math.min(ready, room);
    const hasFin = this.#isFinDue && !this.#isSynDue && length === this.#queue.bytes;
    const flags = (this.#isSynDue ? FLAGS.syn : 0) | (hasFin ? FLAGS.fin : 0);
    const payload = writeDataHeader(target, at, length, flags, id);
    this.#queue.take(target, payload, length);
    this.#creditBytes -= length;
    this.#isSynDue = false;
    if (hasFin) {
      this.#isFinDue = false;
      this.#hasSentFin = true;
    }
    return payload + length;
  }
}
