/**
 * Frames that cost us work or an answer and move no request on (RFC 9113 section 10.5). A peer that sends them without end is
 * cut. Resets, and heads without an end, are bounded by the library.
 */

/** That many at once, of one connection. */
export const CONTROL_FRAME_BURST = 2_000;
/** And so many more in a second. Some libraries send a ping with every answer that they read, to measure the line. */
export const CONTROL_FRAMES_PER_SECOND = 1_000;

/** Types of frames (RFC 9113 section 6). */
const DATA = 0;
const HEADERS = 1;
const PRIORITY = 2;
const SETTINGS = 4;
const PING = 6;
const CONTINUATION = 9;
const COUNTED: ReadonlySet<number> = new Set([PRIORITY, SETTINGS, PING]);
const END_HEADERS = 0x4;
const END_STREAM = 0x1;

const PREFACE_BYTES = 24;
const HEADER_BYTES = 9;

/** Follows the frames of one direction in chunks cut anywhere, from the preface on. Keeps nine bytes. */
export class FloodGuard {
  #skip = PREFACE_BYTES;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #filled = 0;
  #credit = CONTROL_FRAME_BURST;
  #creditedMs: number | undefined;
  #isHeadOpen = false;
  #frames = 0;

  /** Whether the preface and a first frame have begun. */
  get hasBegun(): boolean {
    return this.#frames > 0;
  }

  /** Whether a head has begun and more frames of it are to come. */
  get isHeadOpen(): boolean {
    return this.#isHeadOpen;
  }

  /** False: the peer has sent too much that means nothing. `nowMs` never goes back. */
  receive(bytes: Uint8Array, nowMs: number): boolean {
    this.#earn(nowMs);
    for (let at = 0; at < bytes.length;) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at);
        this.#skip -= skipped;
        at += skipped;
        continue;
      }
      this.#header[this.#filled] = bytes[at] ?? 0;
      this.#filled += 1;
      at += 1;
      if (this.#filled === HEADER_BYTES) this.#onFrame();
    }
    return this.#credit >= 0;
  }

  #onFrame(): void {
    const [high = 0, middle = 0, low = 0, type = 0, flags = 0] = this.#header;
    this.#filled = 0;
    this.#frames += 1;
    this.#skip = high * 65_536 + middle * 256 + low;
    if (type === HEADERS || type === CONTINUATION) this.#isHeadOpen = (flags & END_HEADERS) === 0;
    const isEmptyData = type === DATA && this.#skip === 0 && (flags & END_STREAM) === 0;
    if (COUNTED.has(type) || isEmptyData) this.#credit -= 1;
  }

  #earn(nowMs: number): void {
    const earned = ((nowMs - (this.#creditedMs ?? nowMs)) / 1_000) * CONTROL_FRAMES_PER_SECOND;
    this.#creditedMs = nowMs;
    this.#credit = Math.min(CONTROL_FRAME_BURST, this.#credit + earned);
  }
}
