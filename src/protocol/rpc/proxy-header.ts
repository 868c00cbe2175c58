import { ProtocolError } from "../../base/errors.ts";
import { ByteCollector } from "./byte-collector.ts";
import { encodeStreamType, STREAM_TYPE_BYTES, STREAM_TYPES } from "./stream-type.ts";
import { field, wireRecord } from "./wire-record.ts";
import { flag, text, type ValueOf } from "./wire-value.ts";

/** Real headers have about 110 bytes. */
export const PROXY_HEADER_LIMIT_BYTES = 16_384;

/** Signed 64 bit, little-endian, unlike everything else. */
const LENGTH_BYTES = 8;

const proxyHeader = wireRecord({
  bindId: field("Id", text),
  /** `ip:port` or `[ip6]:port`. */
  visitorAddress: field("ClientAddr", text),
  /** The bind's protocol. */
  protocol: field("Proto", text),
  /** `0` for a bound endpoint; for labelled tunnels `1` TCP, `2` TLS, `3` HTTPS. */
  edgeType: field("EdgeType", text),
  /** The payload is the visitor's own TLS. */
  passesTlsThrough: field("PassthroughTLS", flag),
});

/** What an edge tells about a visitor at the start of a proxy stream (protocol.md section 6). */
export type ProxyHeader = ValueOf<typeof proxyHeader>;

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });
/** What addresses are made of: one byte per character, and nothing that JSON would escape. */
const ADDRESS = /^[\w.:%[\]-]{1,100}$/;
/** What agents make of an address that they cannot read. */
const NO_ADDRESS = "0.0.0.0:0";

/**
 * Starts the proxy streams of one bind: stream type, length, header and first payload in one piece, because a Rust agent
 * that gets them in several blocks its other streams (protocol.md section 6). Keeps all that is the same for every visitor.
 */
export class ProxyHeaderEncoder {
  readonly #start: Uint8Array;
  readonly #end: Uint8Array;

  constructor(bind: Omit<ProxyHeader, "visitorAddress">) {
    const { ClientAddr: _, ...sameForAll } = proxyHeader.toWire({ ...bind, visitorAddress: "" });
    const json = utf8.encode(`${JSON.stringify(sameForAll).slice(0, -1)},"ClientAddr":"`);
    this.#start = new Uint8Array(STREAM_TYPE_BYTES + LENGTH_BYTES + json.length);
    this.#start.set(encodeStreamType(STREAM_TYPES.proxy));
    this.#start.set(json, STREAM_TYPE_BYTES + LENGTH_BYTES);
    this.#end = utf8.encode('"}');
  }

  /** `visitorAddress`: `ip:port` or `[ip6]:port`; anything else is sent as the unknown address. The caller owns the bytes. */
  encode(visitorAddress: string, first?: Uint8Array): Uint8Array {
    const address = ADDRESS.test(visitorAddress) ? visitorAddress : NO_ADDRESS;
    const endAt = this.#start.length + address.length;
    const payloadAt = endAt + this.#end.length;
    const bytes = new Uint8Array(payloadAt + (first?.length ?? 0));
    bytes.set(this.#start);
    utf8.encodeInto(address, bytes.subarray(this.#start.length, endAt));
    bytes.set(this.#end, endAt);
    if (first !== undefined) bytes.set(first, payloadAt);
    const jsonBytes = payloadAt - STREAM_TYPE_BYTES - LENGTH_BYTES;
    new DataView(bytes.buffer).setUint32(STREAM_TYPE_BYTES, jsonBytes, true);
    return bytes;
  }
}

/** Reads length and header behind the stream type, from bytes that may be cut anywhere. One decoder per stream. */
export class ProxyHeaderDecoder {
  readonly #kept = new ByteCollector();

  /**
   * The header and the payload that came with it, or undefined while more bytes are needed. Not to be called after that.
   * Throws ProtocolError for a length or a header that cannot be.
   */
  receive(chunk: Uint8Array): { readonly header: ProxyHeader; readonly payload: Uint8Array } | undefined {
    const isFirst = this.#kept.length === 0;
    if (!isFirst) this.#kept.append(chunk);
    const bytes = isFirst ? chunk : this.#kept.bytes();
    const end = headerEnd(bytes);
    if (end === undefined || bytes.length < end) {
      if (isFirst) this.#kept.append(chunk);
      return undefined;
    }
    return { header: parseHeader(bytes.subarray(LENGTH_BYTES, end)), payload: bytes.subarray(end) };
  }
}

function headerEnd(bytes: Uint8Array): number | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true);
  if (length < 2n || length > BigInt(PROXY_HEADER_LIMIT_BYTES)) {
    throw new ProtocolError(`A proxy header of ${length} bytes; 2 to ${PROXY_HEADER_LIMIT_BYTES} are allowed.`);
  }
  return LENGTH_BYTES + Number(length);
}

function parseHeader(json: Uint8Array): ProxyHeader {
  let wire: unknown;
  try {
    wire = JSON.parse(strictUtf8.decode(json));
  } catch (cause) {
    throw new ProtocolError("A proxy header is not JSON in UTF-8.", { cause });
  }
  const plain = readPlainly(wire);
  if (plain !== undefined) return plain;
  const result = proxyHeader.schema.safeParse(wire);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ProtocolError(`A proxy header cannot be read: ${issue?.path.join(".")}: ${issue?.message}.`);
}

/** A header in the published spelling, as every known edge writes it: the schema costs a tenth of a visitor's connection. */
function readPlainly(wire: unknown): ProxyHeader | undefined {
  if (typeof wire !== "object" || wire === null) return undefined;
  const { Id, ClientAddr, Proto, EdgeType, PassthroughTLS }: Partial<Record<string, unknown>> = { ...wire };
  const isPlain = typeof PassthroughTLS === "boolean" && [Id, ClientAddr, Proto, EdgeType].every(isText);
  if (!isPlain) return undefined;
  return {
    bindId: String(Id),
    visitorAddress: String(ClientAddr),
    protocol: String(Proto),
    edgeType: String(EdgeType),
    passesTlsThrough: PassthroughTLS,
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
