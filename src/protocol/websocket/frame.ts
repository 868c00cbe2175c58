/** How RFC 6455 section 5.2 writes a frame. */
export const FIN = 0x80;
export const RESERVED = 0x70;
export const OPCODE = 0x0f;
export const MASKED = 0x80;
export const LENGTH = 0x7f;
export const LENGTH_16 = 126;
export const LENGTH_64 = 127;
export const KEY_BYTES = 4;
export const LONGEST_HEADER_BYTES = 14;

export const OPCODES = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** From here on opcodes are those of control frames, which are never in pieces and no longer than this. */
export const FIRST_CONTROL = 0x8;
export const CONTROL_LIMIT_BYTES = 125;

/** What precedes the payload of a whole message or control frame of a server, which does not mask. */
export function serverFrameHeader(opcode: number, payloadBytes: number): Uint8Array {
  const first = FIN | opcode;
  if (payloadBytes < LENGTH_16) return Uint8Array.of(first, payloadBytes);
  if (payloadBytes <= 0xffff) return Uint8Array.of(first, LENGTH_16, payloadBytes >> 8, payloadBytes & 0xff);
  const header = new Uint8Array(10);
  header[0] = first;
  header[1] = LENGTH_64;
  new DataView(header.buffer).setBigUint64(2, BigInt(payloadBytes));
  return header;
}

/** A whole control frame of a server; the payload has at most {@link CONTROL_LIMIT_BYTES}. */
export function serverControlFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(2 + payload.length);
  frame.set(serverFrameHeader(opcode, payload.length));
  frame.set(payload, 2);
  return frame;
}
