/** Heartbeats (protocol.md section 4): messages of 4 bytes that one side sends and the other echoes. Times are in ms. */

export const BEAT_BYTES = 4;
/** Woken so late, the process has stood still itself: what the peer has sent meanwhile may be there, and was not read yet. */
const OVERSLEPT_MS = 1_000;

export interface HeartbeatTiming {
  /** From an echo to the next probe. */
  readonly intervalMs: number;
  /** How long an echo may take while nothing else is heard of the peer. */
  readonly toleranceMs: number;
}

export type HeartbeatEvent =
  | { readonly type: "start" }
  /** The time that `wakeAtMs` asked for has come; earlier does no harm. */
  | { readonly type: "wake" }
  | { readonly type: "received"; readonly bytes: Uint8Array }
  /** The peer sent something, on whichever stream. */
  | { readonly type: "heard" };

export type HeartbeatCommand =
  | { readonly type: "probe"; readonly beat: Uint8Array }
  /** An echo came; the smallest value seen is the best estimate of the way there and back. */
  | { readonly type: "measured"; readonly roundTripMs: number }
  /** No echo in time, nor anything else. Nothing follows. */
  | { readonly type: "dead" };

/** Splits bytes, cut anywhere, into beats. The side that answers sends each one back as a frame of its own. */
export class BeatReader {
  readonly #beat = new Uint8Array(BEAT_BYTES);
  #filled = 0;

  receive(bytes: Uint8Array): readonly Uint8Array[] {
    const beats: Uint8Array[] = [];
    for (const byte of bytes) {
      this.#beat[this.#filled++] = byte;
      if (this.#filled < BEAT_BYTES) continue;
      beats.push(this.#beat.slice());
      this.#filled = 0;
    }
    return beats;
  }
}

/**
 * The side that asks. One probe is outstanding at a time; bytes that are not its echo are ignored. On a slow line the probe
 * waits behind what was sent before it, perhaps for longer than the tolerance: a peer that is heard of meanwhile is not dead.
 */
export class HeartbeatProber {
  readonly #timing: HeartbeatTiming;
  readonly #reader = new BeatReader();
  #beatNumber: number;
  #state: "idle" | "waitingToProbe" | "waitingForEcho" | "dead" = "idle";
  #probedAtMs = 0;
  #heardAtMs = 0;
  /** When the peer got its whole tolerance anew, because we had stood still; once for each sign of life of it, or probe. */
  #forgivenAtMs = Number.NEGATIVE_INFINITY;
  #wakeAtMs = Number.POSITIVE_INFINITY;

  /** `firstBeat`: any 32-bit number; the beats count up from it. */
  constructor(timing: HeartbeatTiming, firstBeat: number) {
    this.#timing = timing;
    this.#beatNumber = firstBeat;
  }

  /** When the next `wake` is due; infinite before `start` and after `dead`. */
  get wakeAtMs(): number {
    return this.#wakeAtMs;
  }

  handle(event: HeartbeatEvent, nowMs: number): readonly HeartbeatCommand[] {
    switch (event.type) {
      case "start":
        return this.#state === "idle" ? [this.#probe(nowMs)] : [];
      case "wake":
        return this.#wake(nowMs);
      case "received":
        return this.#reader.receive(event.bytes).flatMap((beat) => this.#hear(beat, nowMs));
      case "heard":
        this.#heardAtMs = nowMs;
        return NOTHING;
    }
  }

  #wake(nowMs: number): readonly HeartbeatCommand[] {
    if (nowMs < this.#wakeAtMs) return [];
    if (this.#state === "waitingToProbe") return [this.#probe(nowMs)];
    const lastMs = Math.max(this.#probedAtMs, this.#heardAtMs);
    const isForgiven = this.#forgivenAtMs < lastMs && nowMs - this.#wakeAtMs >= OVERSLEPT_MS;
    if (isForgiven) this.#forgivenAtMs = nowMs;
    this.#wakeAtMs = (isForgiven ? nowMs : lastMs) + this.#timing.toleranceMs;
    if (nowMs < this.#wakeAtMs) return [];
    this.#state = "dead";
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    return [{ type: "dead" }];
  }

  /** The wait for the echo starts with the probe, however late the probe was: a process that slept blames nobody. */
  #probe(nowMs: number): HeartbeatCommand {
    this.#state = "waitingForEcho";
    this.#probedAtMs = nowMs;
    this.#wakeAtMs = nowMs + this.#timing.toleranceMs;
    this.#beatNumber = (this.#beatNumber + 1) >>> 0;
    return { type: "probe", beat: encodeBeat(this.#beatNumber) };
  }

  #hear(beat: Uint8Array, nowMs: number): readonly HeartbeatCommand[] {
    if (this.#state !== "waitingForEcho" || decodeBeat(beat) !== this.#beatNumber) return [];
    this.#state = "waitingToProbe";
    this.#wakeAtMs = nowMs + this.#timing.intervalMs;
    return [{ type: "measured", roundTripMs: nowMs - this.#probedAtMs }];
  }
}

/** Shared, since it is the answer to every piece that is received. */
const NOTHING: readonly HeartbeatCommand[] = [];

function encodeBeat(beatNumber: number): Uint8Array {
  const beat = new Uint8Array(BEAT_BYTES);
  new DataView(beat.buffer).setUint32(0, beatNumber);
  return beat;
}

function decodeBeat(beat: Uint8Array): number {
  return new DataView(beat.buffer, beat.byteOffset).getUint32(0);
}
