/** Drivers of the two sides of a heartbeat stream; the rules are in protocol/rpc/heartbeat-machine.ts. */
import type { Clock } from "../base/clock.ts";
import {
  BeatReader,
  type HeartbeatEvent,
  HeartbeatProber,
  type HeartbeatTiming,
} from "../protocol/rpc/heartbeat-machine.ts";
import { encodeStreamType, STREAM_TYPES } from "../protocol/rpc/stream-type.ts";
import type { DuplexHandler } from "./duplex.ts";
import type { MuxStream } from "../protocol/mux/mux-stream.ts";

/** The first beat waits for the stream type to leave: each is to be a frame of its own (protocol.md section 4). */
const FIRST_BEAT_DELAY_MS = 5;

export interface ProbeHandler {
  onRoundTrip(roundTripMs: number): void;
  /** Neither an echo nor anything else came in time. At most once; nothing follows. */
  onDead(): void;
}

/**
 * Probes over a stream that we opened, until the stream closes. The stream is never half-closed: Rust agents answer that
 * with a flood (protocol.md section 4).
 */
export class HeartbeatProbe implements DuplexHandler {
  readonly #stream: MuxStream;
  readonly #clock: Clock;
  readonly #handler: ProbeHandler;
  readonly #prober: HeartbeatProber;
  #cancelWake: () => void;
  #isOver = false;

  constructor(stream: MuxStream, timing: HeartbeatTiming, clock: Clock, handler: ProbeHandler) {
    this.#stream = stream;
    this.#clock = clock;
    this.#handler = handler;
    this.#prober = new HeartbeatProber(timing, Math.trunc(clock.nowMs()) >>> 0);
    stream.listen(this);
    stream.sendFirst();
    stream.write(encodeStreamType(STREAM_TYPES.heartbeat));
    this.#cancelWake = clock.after(FIRST_BEAT_DELAY_MS, () => this.#handle({ type: "start" }));
  }

  onData(bytes: Uint8Array): void {
    this.#handle({ type: "received", bytes });
  }

  onDrain(): void {}

  /** The peer will not echo any more; the missing echo tells. */
  onEnd(): void {}

  onClose(): void {
    this.#cancelWake();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handler.onDead();
  }

  /** The peer sent something, on whichever stream. */
  heard(nowMs: number): void {
    this.#prober.handle({ type: "heard" }, nowMs);
  }

  /** Ends the probing without a verdict. */
  stop(): void {
    this.#isOver = true;
    this.#cancelWake();
  }

  #handle(event: HeartbeatEvent): void {
    if (this.#isOver) return;
    const nowMs = this.#clock.nowMs();
    for (const command of this.#prober.handle(event, nowMs)) {
      switch (command.type) {
        case "probe":
          this.#stream.write(command.beat);
          break;
        case "measured":
          this.#handler.onRoundTrip(command.roundTripMs);
          break;
        case "dead":
          this.stop();
          this.#handler.onDead();
          return;
      }
    }
    this.#cancelWake();
    const delayMs = Math.max(0, Math.ceil(this.#prober.wakeAtMs - nowMs));
    this.#cancelWake = this.#clock.after(delayMs, () => this.#handle({ type: "wake" }));
  }
}

/** Echoes over a stream that the peer opened. */
export class HeartbeatEcho implements DuplexHandler {
  readonly #stream: MuxStream;
  readonly #reader = new BeatReader();
  readonly #onClosed: () => void;

  constructor(stream: MuxStream, onClosed: () => void) {
    this.#stream = stream;
    this.#onClosed = onClosed;
    stream.sendFirst();
  }

  onData(bytes: Uint8Array): void {
    for (const beat of this.#reader.receive(bytes)) {
      // A peer that sends beats and reads no echo is not read either.
      if (!this.#stream.write(beat)) this.#stream.pause();
    }
  }

  onDrain(): void {
    this.#stream.resume();
  }

  onEnd(): void {
    this.#stream.end();
  }

  onClose(): void {
    this.#onClosed();
  }
}
