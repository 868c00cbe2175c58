/** One Mux with everything it says remembered, and helpers to move its bytes by hand. */
import { Mux, type MuxHandler, type MuxOptions } from "../../src/protocol/mux/mux.ts";
import type { MuxStream } from "../../src/protocol/mux/mux-stream.ts";
import type { MuxRole } from "../../src/protocol/mux/stream-ids.ts";
import { type Frame, framesOf } from "./frame-recorder.ts";
import { RecordingListener } from "./recording-listener.ts";

/** A stream with its listener. */
export interface HeardStream {
  readonly stream: MuxStream;
  readonly heard: RecordingListener;
}

export class MuxEnd implements MuxHandler {
  readonly mux: Mux;
  /** Streams of the peer, in the order they came. */
  readonly accepted: HeardStream[] = [];
  readonly goAways: [number, string][] = [];
  readonly faults: unknown[] = [];
  works = 0;
  /** What else happens when the peer opens a stream. */
  onAccepted: (stream: HeardStream) => void = () => {};

  constructor(role: MuxRole, options: Partial<MuxOptions> = {}) {
    this.mux = new Mux(role, this, { maxStreams: 100, ...options });
  }

  onWork(): void {
    this.works += 1;
  }

  onStream(stream: MuxStream): void {
    const heard = hear(stream);
    this.accepted.push(heard);
    this.onAccepted(heard);
  }

  onFault(error: unknown): void {
    this.faults.push(error);
  }

  onGoAway(code: number, message: string): void {
    this.goAways.push([code, message]);
  }

  open(): HeardStream {
    const stream = this.mux.open();
    if (stream === undefined) throw new Error("no stream could be opened");
    return hear(stream);
  }

  receive(...frames: readonly Uint8Array[]): void {
    this.mux.receive(Buffer.concat(frames), 0);
  }

  /** Everything that leaves now. */
  output(): Buffer {
    const parts: Buffer[] = [];
    const batch = new Uint8Array(128 * 1024);
    for (let count = this.mux.fillBatch(batch); count > 0; count = this.mux.fillBatch(batch)) {
      parts.push(Buffer.from(batch.slice(0, count)));
    }
    return Buffer.concat(parts);
  }

  sent(): Frame[] {
    return framesOf(this.output());
  }
}

function hear(stream: MuxStream): HeardStream {
  const heard = new RecordingListener();
  stream.listen(heard);
  return { stream, heard };
}
