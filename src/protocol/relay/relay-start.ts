/**
 * What the processes of one edge say to each other (docs/design.md, "Several workers"): how a stream that is meant for an agent's
 * session in another process begins, and the calls about agents and endpoints. This folder knows neither sockets nor who listens.
 */
import { ProtocolError } from "../../base/errors.ts";
import { ByteCollector } from "../rpc/byte-collector.ts";
import { encodeStreamType, STREAM_TYPE_BYTES, STREAM_TYPES } from "../rpc/stream-type.ts";

/** Of a session: letters, digits and underscores. */
const LEG_ID = /^\w{1,100}$/;

const utf8 = new TextEncoder();
const ascii = new TextDecoder("latin1");

/** Far more than the head of a request, or a command to an agent, has. */
const MAX_FIRST_BYTES = 4 * 1024 * 1024;
const LENGTH_BYTES = 4;

/** The stream type, one byte with the length of the id, and the id. What {@link encodeRelayed} makes of the first bytes follows. */
export function encodeRelayStart(legId: string): Uint8Array {
  if (!LEG_ID.test(legId)) throw new ProtocolError("This is no id of a session.");
  const bytes = new Uint8Array(STREAM_TYPE_BYTES + 1 + legId.length);
  bytes.set(encodeStreamType(STREAM_TYPES.proxy));
  bytes[STREAM_TYPE_BYTES] = legId.length;
  utf8.encodeInto(legId, bytes.subarray(STREAM_TYPE_BYTES + 1));
  return bytes;
}

/**
 * How a stream begins: `start`, the length of `first` (4 bytes, big endian), and `first`, which its agent is to get in one piece, since some read
 * what a stream begins with in a single read. All that follows is for the agent as it comes.
 */
export function encodeRelayed(start: Uint8Array, first: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(start.length + LENGTH_BYTES + first.length);
  bytes.set(start);
  bytes.writeUInt32BE(first.length, start.length);
  bytes.set(first, start.length + LENGTH_BYTES);
  return bytes;
}

/** The session that a stream is for; `first` is what its agent gets in one piece, and `rest` what came behind that. */
export interface Relayed {
  readonly legId: string;
  readonly first: Uint8Array;
  readonly rest: Uint8Array;
}

/** Reads what stands behind the stream type, from bytes that may be cut anywhere. One decoder per stream. */
export class RelayStartDecoder {
  readonly #kept = new ByteCollector();

  /**
   * `undefined` while more bytes are needed. Not to be called after that. @throws ProtocolError for an id that is none, and for too much to
   * be given in one piece
   */
  receive(chunk: Uint8Array): Relayed | undefined {
    this.#kept.append(chunk);
    const bytes = this.#kept.bytes();
    const end = 1 + (bytes[0] ?? 0);
    if (bytes.length < end + LENGTH_BYTES) return undefined;
    const legId = ascii.decode(bytes.subarray(1, end));
    if (!LEG_ID.test(legId)) throw new ProtocolError("A relayed stream begins with no id of a session.");
    const start = end + LENGTH_BYTES;
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(end);
    if (length > MAX_FIRST_BYTES)
      throw new ProtocolError("A relayed stream begins with more than an agent gets at once.");
    if (bytes.length < start + length) return undefined;
    return { legId, first: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
  }
}
