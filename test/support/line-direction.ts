/** One direction of a line, without sockets: when what goes in comes out, and how much may be inside. */

export interface LineTraits {
  /** Time there and back; each direction takes half of it. */
  readonly roundTripMs: number;
  readonly bytesPerSecond: number;
  /** What may wait at the entrance of each direction, beside what is on its way. */
  readonly bufferBytes: number;
}

export type Parcel =
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  | { readonly type: "end" }
  | { readonly type: "reset" };

interface Travelling {
  readonly parcel: Parcel;
  readonly arrivesAtMs: number;
}

/** Larger pieces would leave the line in lumps: this is 1.3 ms at 400 Mbit/s. */
const PIECE_BYTES = 64 * 1024;

export class LineDirection {
  readonly #delayMs: number;
  readonly #bytesPerMs: number;
  readonly #capacityBytes: number;
  readonly #travelling: Travelling[] = [];
  #entranceFreeAtMs: number;
  #heldBytes = 0;

  /** Nothing enters before `opensAtMs`; it waits. */
  constructor({ roundTripMs, bytesPerSecond, bufferBytes }: LineTraits, opensAtMs: number) {
    this.#delayMs = roundTripMs / 2;
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#capacityBytes = bufferBytes + this.#bytesPerMs * this.#delayMs;
    this.#entranceFreeAtMs = opensAtMs;
  }

  /** False: nothing more should be sent for now. What is sent all the same is taken. */
  get hasRoom(): boolean {
    return this.#heldBytes < this.#capacityBytes;
  }

  get nextArrivalMs(): number | undefined {
    return this.#travelling[0]?.arrivesAtMs;
  }

  send(parcel: Parcel, nowMs: number): void {
    if (parcel.type !== "bytes") return this.#enter(parcel, 0, nowMs);
    for (let at = 0; at < parcel.bytes.length; at += PIECE_BYTES) {
      const bytes = parcel.bytes.subarray(at, at + PIECE_BYTES);
      this.#heldBytes += bytes.length;
      this.#enter({ type: "bytes", bytes }, bytes.length, nowMs);
    }
  }

  /** The next that has arrived, or nothing. */
  take(nowMs: number): Parcel | undefined {
    const first = this.#travelling[0];
    if (first === undefined || first.arrivesAtMs > nowMs) return undefined;
    this.#travelling.shift();
    if (first.parcel.type === "bytes") this.#heldBytes -= first.parcel.bytes.length;
    return first.parcel;
  }

  #enter(parcel: Parcel, bytes: number, nowMs: number): void {
    this.#entranceFreeAtMs = Math.max(this.#entranceFreeAtMs, nowMs) + bytes / this.#bytesPerMs;
    this.#travelling.push({ parcel, arrivesAtMs: this.#entranceFreeAtMs + this.#delayMs });
  }
}
