/**
 * Turns bytes, cut anywhere, into calls, one per frame and one per piece of payload. Works in place: payloads are views
 * of the chunk and are never collected. Knows the form of frames and nothing about streams.
 */
import { ProtocolError } from "../../base/errors.ts";
import { FLAGS, FRAME_TYPES, GO_AWAY_BODY_BYTES, HEADER_BYTES, MAX_STREAM_ID, readUint32 } from "./frame.ts";

/** Of the message of a GOAWAY frame we keep this much, for a log line. */
const MESSAGE_LIMIT_BYTES = 1024;

export interface FrameHandler {
  /** A DATA frame begins: `length` bytes of payload follow in pieces, then {@link onDataFrameEnd}. */
  onDataFrame(id: number, length: number, hasSyn: boolean): void;
  /** A piece of the payload, never empty; a view of the received chunk. */
  onPayload(bytes: Uint8Array): void;
  onDataFrameEnd(hasFin: boolean): void;
  onReset(id: number, code: number): void;
  onWindowIncrement(id: number, increment: number): void;
  /** The last call: nothing after a GOAWAY is read, since published peers get its length wrong (protocol.md section 10). */
  onGoAway(lastId: number, code: number, message: string): void;
}

export class FrameDecoder {
  readonly #handler: FrameHandler;
  /** A header that came in pieces. */
  readonly #head = new Uint8Array(HEADER_BYTES);
  #headFilled = 0;
  #type = 0;
  #flags = 0;
  #id = 0;
  #bodyLeft = 0;
  /** The body of a frame that is not DATA, as far as it is kept. */
  #body = new Uint8Array(0);
  #bodyFilled = 0;
  readonly #fourBytes = new Uint8Array(4);
  #isStopped = false;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Throws a ProtocolError when a frame breaks the form, after which this decoder is of no more use. */
  receive(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#isStopped;) {
      at = this.#bodyLeft > 0 ? this.#receiveBody(chunk, at) : this.#receiveHeader(chunk, at);
    }
  }

  /** Nothing more is read, not even the rest of the chunk in hand. */
  stop(): void {
    this.#isStopped = true;
  }

  #receiveHeader(chunk: Uint8Array, at: number): number {
    if (this.#headFilled === 0 && chunk.length - at >= HEADER_BYTES) {
      this.#begin(chunk, at);
      return at + HEADER_BYTES;
    }
    const count = Math.min(HEADER_BYTES - this.#headFilled, chunk.length - at);
    this.#head.set(chunk.subarray(at, at + count), this.#headFilled);
    this.#headFilled += count;
    if (this.#headFilled === HEADER_BYTES) {
      this.#headFilled = 0;
      this.#begin(this.#head, 0);
    }
    return at + count;
  }

  #begin(header: Uint8Array, at: number): void {
    const word = readUint32(header, at);
    const length = word >>> 8;
    this.#type = (word >>> 4) & 0xf;
    this.#flags = word & 0xf;
    this.#id = readUint32(header, at + 4) & MAX_STREAM_ID;
    this.#bodyLeft = length;
    this.#bodyFilled = 0;
    switch (this.#type) {
      case FRAME_TYPES.data:
        if (this.#id === 0) throw new ProtocolError("a DATA frame came without a stream id");
        this.#handler.onDataFrame(this.#id, length, (this.#flags & FLAGS.syn) !== 0);
        if (length === 0) this.#handler.onDataFrameEnd((this.#flags & FLAGS.fin) !== 0);
        return;
      case FRAME_TYPES.reset:
      case FRAME_TYPES.windowIncrement:
        if (length !== 4) throw new ProtocolError(`a frame of type ${this.#type} came with ${length} bytes, not 4`);
        if (this.#id === 0) throw new ProtocolError(`a frame of type ${this.#type} came without a stream id`);
        this.#body = this.#fourBytes;
        return;
      case FRAME_TYPES.goAway:
        if (length < GO_AWAY_BODY_BYTES) throw new ProtocolError(`a GOAWAY frame came with ${length} bytes, not 8`);
        this.#body = new Uint8Array(Math.min(length, GO_AWAY_BODY_BYTES + MESSAGE_LIMIT_BYTES));
        return;
      default: // a type of a later protocol: skipped by its length
    }
  }

  #receiveBody(chunk: Uint8Array, at: number): number {
    const end = Math.min(at + this.#bodyLeft, chunk.length);
    this.#bodyLeft -= end - at;
    switch (this.#type) {
      case FRAME_TYPES.data:
        this.#handler.onPayload(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
        if (this.#bodyLeft === 0) this.#handler.onDataFrameEnd((this.#flags & FLAGS.fin) !== 0);
        return end;
      case FRAME_TYPES.reset:
      case FRAME_TYPES.windowIncrement:
      case FRAME_TYPES.goAway:
        this.#gather(chunk, at, end);
        return end;
      default:
        return end;
    }
  }

  #gather(chunk: Uint8Array, at: number, end: number): void {
    const body = this.#body;
    const count = Math.min(end - at, body.length - this.#bodyFilled);
    for (let i = 0; i < count; i += 1) body[this.#bodyFilled + i] = chunk[at + i] ?? 0;
    this.#bodyFilled += count;
    if (this.#bodyFilled < body.length) return;
    const value = readUint32(body, 0);
    if (this.#type === FRAME_TYPES.reset) this.#handler.onReset(this.#id, value);
    else if (this.#type === FRAME_TYPES.windowIncrement)
      this.#handler.onWindowIncrement(this.#id, value & MAX_STREAM_ID);
    else {
      this.#isStopped = true;
      const message = new TextDecoder().decode(body.subarray(GO_AWAY_BODY_BYTES));
      this.#handler.onGoAway(value & MAX_STREAM_ID, readUint32(body, 4), message);
    }
  }
}
