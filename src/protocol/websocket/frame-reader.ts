import {
  CONTROL_LIMIT_BYTES,
  FIN,
  FIRST_CONTROL,
  KEY_BYTES,
  LENGTH,
  LENGTH_16,
  LENGTH_64,
  LONGEST_HEADER_BYTES,
  MASKED,
  OPCODE,
  RESERVED,
} from "./frame.ts";

export interface FrameHeader {
  readonly opcode: number;
  /** The three reserved bits, in place: 0x40, 0x20, 0x10. */
  readonly reserved: number;
  readonly isFinal: boolean;
  readonly isMasked: boolean;
  readonly bytes: number;
}

/** Hears one direction. */
export interface FrameHandler {
  onFrame(header: FrameHeader): void;
  /** A piece of the payload of the frame begun last, unmasked; a view or a copy, good until the call returns. Never empty. */
  onPayload(bytes: Uint8Array): void;
  onFrameEnd(header: FrameHeader): void;
}

/** Reads the frames of one direction of a WebSocket from octets cut anywhere. Holds no more than a header. */
export class WebSocketFrames {
  readonly #handler: FrameHandler;
  readonly #header = new Uint8Array(LONGEST_HEADER_BYTES);
  #filled = 0;
  #frame: FrameHeader | undefined;
  #left = 0;
  /** Of the payload handed out. */
  #at = 0;
  #isBroken = false;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** No further call of the handler; may be called from inside one. */
  stop(): void {
    this.#isBroken = true;
  }

  /** False once this cannot be a WebSocket: a control frame that is long or in pieces, a length of 2^53 or more. */
  receive(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length && !this.#isBroken;) {
      at = this.#frame === undefined ? this.#receiveHeader(bytes, at) : this.#receivePayload(this.#frame, bytes, at);
    }
    return !this.#isBroken;
  }

  #receiveHeader(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && this.#filled < this.#headerBytes()) this.#header[this.#filled++] = bytes[at++] ?? 0;
    if (this.#filled >= 2 && this.#filled === this.#headerBytes()) this.#begin();
    return at;
  }

  /** As far as it can be told from what is here. */
  #headerBytes(): number {
    if (this.#filled < 2) return 2;
    const second = this.#header[1] ?? 0;
    return 2 + lengthBytes(second & LENGTH) + (second & MASKED ? KEY_BYTES : 0);
  }

  #begin(): void {
    const first = this.#header[0] ?? 0;
    const bytes = this.#payloadBytes();
    const frame = {
      opcode: first & OPCODE,
      reserved: first & RESERVED,
      isFinal: (first & FIN) !== 0,
      isMasked: ((this.#header[1] ?? 0) & MASKED) !== 0,
      bytes,
    };
    const isControl = frame.opcode >= FIRST_CONTROL;
    this.#isBroken = bytes > Number.MAX_SAFE_INTEGER || (isControl && (bytes > CONTROL_LIMIT_BYTES || !frame.isFinal));
    if (this.#isBroken) return;
    this.#frame = frame;
    this.#left = bytes;
    this.#at = 0;
    this.#handler.onFrame(frame);
    if (bytes === 0 && !this.#isBroken) this.#finish(frame);
  }

  #payloadBytes(): number {
    const view = new DataView(this.#header.buffer);
    const length = (this.#header[1] ?? 0) & LENGTH;
    if (length === LENGTH_16) return view.getUint16(2);
    return length === LENGTH_64 ? Number(view.getBigUint64(2)) : length;
  }

  #receivePayload(frame: FrameHeader, bytes: Uint8Array, from: number): number {
    const piece = bytes.subarray(from, from + this.#left);
    this.#handler.onPayload(frame.isMasked ? this.#unmasked(piece) : piece);
    this.#left -= piece.length;
    this.#at += piece.length;
    if (this.#left === 0) this.#finish(frame);
    return from + piece.length;
  }

  /** Four octets at a time: every byte of a visitor passes here. */
  #unmasked(piece: Uint8Array): Uint8Array {
    const keyAt = this.#filled - KEY_BYTES;
    const key = new Uint8Array(KEY_BYTES);
    for (let i = 0; i < KEY_BYTES; i++) key[i] = this.#header[keyAt + ((this.#at + i) % KEY_BYTES)] ?? 0;
    const copy = new Uint8Array(piece);
    const words = new Uint32Array(copy.buffer, 0, copy.length >> 2);
    const [word = 0] = new Uint32Array(key.buffer);
    for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ word;
    for (let i = words.length * KEY_BYTES; i < copy.length; i++) copy[i] = (copy[i] ?? 0) ^ (key[i % KEY_BYTES] ?? 0);
    return copy;
  }

  #finish(frame: FrameHeader): void {
    this.#frame = undefined;
    this.#filled = 0;
    this.#handler.onFrameEnd(frame);
  }
}

function lengthBytes(length: number): number {
  if (length === LENGTH_16) return 2;
  return length === LENGTH_64 ? 8 : 0;
}
