/** Frames of the multiplexer, as bytes (protocol.md section 2): an 8-byte header, then `length` bytes of body. */

export const HEADER_BYTES = 8;
/** Ids are 31 bits wide; the top bit is 0 when sent and ignored when received. */
export const MAX_STREAM_ID = 0x7fff_ffff;
/** RST and WNDINC frames, with their header. */
export const CONTROL_FRAME_BYTES = HEADER_BYTES + 4;
/** Last stream id and error code, before the message of GOAWAY. */
export const GO_AWAY_BODY_BYTES = 8;

export const FRAME_TYPES = { reset: 0, data: 1, windowIncrement: 2, goAway: 3 } as const;
export const FLAGS = { fin: 0x1, syn: 0x2 } as const;

export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  );
}

function writeUint32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

/** Writes a DATA header; `flags` out of {@link FLAGS}. Returns where the payload begins. */
export function writeDataHeader(target: Uint8Array, at: number, length: number, flags: number, id: number): number {
  return writeHeader(target, at, length, (FRAME_TYPES.data << 4) | flags, id);
}

/** Returns where the next frame begins. */
export function writeReset(target: Uint8Array, at: number, id: number, code: number): number {
  const body = writeHeader(target, at, 4, FRAME_TYPES.reset << 4, id);
  writeUint32(target, body, code);
  return body + 4;
}

/** `increment` is at least 1 and at most 2^31 - 1. Returns where the next frame begins. */
export function writeWindowIncrement(target: Uint8Array, at: number, id: number, increment: number): number {
  const body = writeHeader(target, at, 4, FRAME_TYPES.windowIncrement << 4, id);
  writeUint32(target, body, increment);
  return body + 4;
}

/** A whole GOAWAY frame. */
export function goAwayFrame(lastId: number, code: number, message: string): Uint8Array {
  const text = new TextEncoder().encode(message);
  const frame = new Uint8Array(HEADER_BYTES + GO_AWAY_BODY_BYTES + text.length);
  const body = writeHeader(frame, 0, GO_AWAY_BODY_BYTES + text.length, FRAME_TYPES.goAway << 4, 0);
  writeUint32(frame, body, lastId);
  writeUint32(frame, body + 4, code);
  frame.set(text, body + GO_AWAY_BODY_BYTES);
  return frame;
}

function writeHeader(target: Uint8Array, at: number, length: number, typeAndFlags: number, id: number): number {
  // Four bytes at once: the type takes the place below the 24-bit length.
  writeUint32(target, at, ((length << 8) | typeAndFlags) >>> 0);
  writeUint32(target, at + 4, id);
  return at + HEADER_BYTES;
}
