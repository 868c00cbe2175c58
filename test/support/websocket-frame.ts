import { octets } from "./http-transcript.ts";

export interface FrameParts {
  /** One octet per character; or the payload itself. */
  readonly text?: string;
  readonly payload?: Uint8Array;
  /** 1, text, by default. */
  readonly opcode?: number;
  readonly isFinal?: boolean;
  /** In place: 0x40, 0x20, 0x10. */
  readonly reserved?: number;
  /** As one number; absent: not masked. */
  readonly mask?: number;
}

/** A WebSocket frame (RFC 6455 section 5.2), whether it makes sense or not. */
export function frame(parts: FrameParts): Uint8Array {
  const { text = "", payload = octets(text), opcode = 1, isFinal = true, reserved = 0, mask } = parts;
  const header = Buffer.alloc(10);
  header[0] = (isFinal ? 0x80 : 0) | reserved | opcode;
  const lengthEnd = writeLength(header, payload.length);
  header[1] = (header[1] ?? 0) | (mask === undefined ? 0 : 0x80);
  if (mask === undefined) return Buffer.concat([header.subarray(0, lengthEnd), payload]);
  const key = Buffer.alloc(4);
  key.writeUInt32BE(mask);
  const masked = payload.map((octet, i) => octet ^ (key[i % 4] ?? 0));
  return Buffer.concat([header.subarray(0, lengthEnd), key, masked]);
}

function writeLength(header: Buffer, length: number): number {
  if (length < 126) {
    header[1] = length;
    return 2;
  }
  if (length < 65_536) {
    header[1] = 126;
    header.writeUInt16BE(length, 2);
    return 4;
  }
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return 10;
}
