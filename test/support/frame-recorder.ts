/** Decodes frames into plain values, payloads whole, for tests. */
import { FrameDecoder, type FrameHandler } from "../../src/protocol/mux/frame-decoder.ts";

export type Frame =
  | { type: "data"; id: number; payload: Buffer; syn: boolean; fin: boolean }
  | { type: "reset"; id: number; code: number }
  | { type: "increment"; id: number; by: number }
  | { type: "goAway"; lastId: number; code: number; message: string };

export class FrameRecorder implements FrameHandler {
  readonly frames: Frame[] = [];
  readonly #decoder = new FrameDecoder(this);
  #open: { id: number; length: number; syn: boolean; pieces: Uint8Array[] } | undefined;

  receive(chunk: Uint8Array): void {
    this.#decoder.receive(chunk);
  }

  /** The frames since the last call. */
  take(): Frame[] {
    return this.frames.splice(0);
  }

  onDataFrame(id: number, length: number, syn: boolean): void {
    this.#open = { id, length, syn, pieces: [] };
  }

  onPayload(bytes: Uint8Array): void {
    if (bytes.length === 0) throw new Error("an empty piece");
    this.#open?.pieces.push(bytes);
  }

  onDataFrameEnd(fin: boolean): void {
    if (this.#open === undefined) throw new Error("an end without a beginning");
    const { id, length, syn, pieces } = this.#open;
    const payload = Buffer.concat(pieces);
    if (payload.length !== length) throw new Error(`${payload.length} bytes in place of ${length}`);
    this.frames.push({ type: "data", id, payload, syn, fin });
    this.#open = undefined;
  }

  onReset(id: number, code: number): void {
    this.frames.push({ type: "reset", id, code });
  }

  onWindowIncrement(id: number, by: number): void {
    this.frames.push({ type: "increment", id, by });
  }

  onGoAway(lastId: number, code: number, message: string): void {
    this.frames.push({ type: "goAway", lastId, code, message });
  }
}

export function framesOf(bytes: Uint8Array): Frame[] {
  const recorder = new FrameRecorder();
  recorder.receive(bytes);
  return recorder.frames;
}
