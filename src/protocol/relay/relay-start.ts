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

/** The stream type, one byte with the length of the id, and the id. What the agent is to get of the stream follows. */
export function encodeRelayStart(legId: string): Uint8Array {
  if (!LEG_ID.test(legId)) throw new ProtocolError("This is no id of a session.");
  const bytes = new Uint8Array(STREAM_TYPE_BYTES + 1 + legId.length);
  bytes.set(encodeStreamType(STREAM_TYPES.proxy));
  bytes[STREAM_TYPE_BYTES] = legId.length;
  utf8.encodeInto(legId, bytes.subarray(STREAM_TYPE_BYTES + 1));
  return bytes;
}

/** Reads what stands behind the stream type, from bytes that may be cut anywhere. One decoder per stream. */
export class RelayStartDecoder {
  readonly #kept = new ByteCollector();

  /**
   * The session that the stream is for, and what follows for its agent; `undefined` while more bytes are needed. Not to be called after
   * that. @throws ProtocolError for an id that is none
   */
  receive(chunk: Uint8Array): { readonly legId: string; readonly rest: Uint8Array } | undefined {
    this.#kept.append(chunk);
    const bytes = this.#kept.bytes();
    const end = 1 + (bytes[0] ?? 0);
    if (bytes.length === 0 || bytes.length < end) return undefined;
    const legId = ascii.decode(bytes.subarray(1, end));
    if (!LEG_ID.test(legId)) throw new ProtocolError("A relayed stream begins with no id of a session.");
    return { legId, rest: bytes.subarray(end) };
  }
}
