/**
 * What agent and edge say to each other on the streams of a session (protocol.md sections 3 to 7): stream types, JSON
 * messages, proxy headers, heartbeats. This folder knows every spelling on the wire and translates it, once, into the
 * words of the glossary. It knows no stream, socket, clock or session: those are in net/session.ts.
 */

/** The type of a stream is its first 4 payload bytes, big-endian. */
export const STREAM_TYPE_BYTES = 4;

/** Every stream type that the protocol knows (protocol.md section 3), and one that is ours. */
export const STREAM_TYPES = {
  auth: 0,
  bind: 1,
  unbind: 2,
  proxy: 3,
  restart: 4,
  stop: 5,
  update: 6,
  startTunnelWithLabel: 7,
  srvInfo: 8,
  stopTunnel: 9,
  patchTunnelState: 10,
  /** Ours alone (remote-tunnel.ts): "gin" and a number, far from what may be published. */
  ginnelStartTunnel: 0x67_69_6e_01,
  heartbeat: 0xff_ff_ff_ff,
} as const;

/** The only types that an edge serves before Auth succeeded (protocol.md sections 3 and 4). */
const SERVED_BEFORE_AUTH: ReadonlySet<number> = new Set([
  STREAM_TYPES.auth,
  STREAM_TYPES.srvInfo,
  STREAM_TYPES.heartbeat,
]);

export function isServedBeforeAuth(streamType: number): boolean {
  return SERVED_BEFORE_AUTH.has(streamType);
}

/** Reads the type of a stream whose bytes may be cut anywhere. One reader per stream. */
export class StreamTypeReader {
  #value = 0;
  #filled = 0;

  /** The type and the bytes behind it, or undefined while more bytes are needed. Not to be called after that. */
  receive(chunk: Uint8Array): { readonly streamType: number; readonly rest: Uint8Array } | undefined {
    let used = 0;
    for (const byte of chunk.subarray(0, STREAM_TYPE_BYTES - this.#filled)) {
      this.#value = this.#value * 256 + byte;
      used++;
    }
    this.#filled += used;
    return this.#filled < STREAM_TYPE_BYTES ? undefined : { streamType: this.#value, rest: chunk.subarray(used) };
  }
}

export function encodeStreamType(streamType: number): Uint8Array {
  const bytes = new Uint8Array(STREAM_TYPE_BYTES);
  new DataView(bytes.buffer).setUint32(0, streamType);
  return bytes;
}
