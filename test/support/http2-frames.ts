/** Frames of HTTP/2 octet by octet, for peers that break rules (RFC 9113 section 4.1). */
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

const TYPES = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export type FrameType = keyof typeof TYPES;

export function http2Frame(
  type: FrameType,
  flags: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(0),
): Buffer {
  const frame = Buffer.alloc(9 + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame.writeUInt8(TYPES[type], 3);
  frame.writeUInt8(flags, 4);
  frame.writeUInt32BE(stream, 5);
  frame.set(payload, 9);
  return frame;
}

/** Fields as literals without indexing (RFC 7541 section 6.2.2). */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]));
}

function literal(text: string): Buffer {
  const octets = Buffer.from(text, "latin1");
  return Buffer.concat([prefixed(octets.length), octets]);
}

/** An integer with a prefix of seven bits (RFC 7541 section 5.1). */
function prefixed(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const more: number[] = [127];
  for (let rest = value - 127; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...more, rest]);
    more.push((rest % 128) + 128);
  }
}

export interface Http2Frame {
  readonly type: FrameType;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The frames of known types that were received; the last one may be cut. */
export function framesIn(bytes: Uint8Array): readonly Http2Frame[] {
  const frames: Http2Frame[] = [];
  const octets = Buffer.from(bytes);
  for (let at = 0; at + 9 <= octets.length;) {
    const length = octets.readUIntBE(at, 3);
    const code = octets.readUInt8(at + 3);
    const type = (Object.keys(TYPES) as FrameType[]).find((name) => TYPES[name] === code); // keys of the table
    if (type !== undefined)
      frames.push({
        type,
        flags: octets.readUInt8(at + 4),
        stream: octets.readUInt32BE(at + 5),
        payload: octets.subarray(at + 9, at + 9 + length),
      });
    at += 9 + length;
  }
  return frames;
}
