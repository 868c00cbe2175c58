/**
 * What a TLS ClientHello asks for: the name, the application protocols and whether TLS 1.3 is possible. Enough to route
 * a visitor without decrypting anything. Knows records only as far as they carry that first message, and no cryptography:
 * a hello that passes here can still be refused by the TLS library.
 */
import { ProtocolError } from "../../base/errors.ts";
import { serverNameOf } from "./server-name.ts";
import { VectorReader } from "./vector-reader.ts";

export interface ClientHello {
  /** Lower case, without a trailing dot. Absent when the visitor sent no name, or an IPv4 address in its place. */
  readonly serverName?: string;
  /** Offered application protocols in the visitor's order, one character per byte (RFC 7301 names are bytes). */
  readonly alpn: readonly string[];
  readonly supportsTls13: boolean;
}

/** Bytes of the hello with its record headers. Real ones stay below 2 KB, also with a post-quantum key share. */
export const CLIENT_HELLO_LIMIT_BYTES = 16 * 1024;

const RECORD_HEADER_BYTES = 5;
const RECORD_LIMIT_BYTES = 16 * 1024;
const HANDSHAKE_HEADER_BYTES = 4;
const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO_MESSAGE = 1;
const EXTENSION = { serverName: 0, alpn: 16, supportedVersions: 43 } as const;
const TLS_1_3 = 0x0304;

/** Reads one ClientHello from bytes cut anywhere and spread over any number of records (RFC 8446 sections 4.1.2, 5.1). */
export class ClientHelloReader {
  readonly #recordHeader = new Uint8Array(RECORD_HEADER_BYTES);
  #recordHeaderFilled = 0;
  #recordLeft = 0;
  #message = new Uint8Array(HANDSHAKE_HEADER_BYTES);
  #messageFilled = 0;
  #taken = 0;

  /**
   * Takes the next bytes of the visitor; keeps none of `chunk`. Do not call again after an answer other than "more":
   * what follows the hello in `chunk` is not looked at.
   * @throws ProtocolError when this is no TLS ClientHello, or one longer than {@link CLIENT_HELLO_LIMIT_BYTES}.
   */
  receive(chunk: Uint8Array): "more" | ClientHello {
    for (let rest = chunk; rest.length > 0;) {
      const taken = this.#recordLeft === 0 ? this.#takeRecordHeader(rest) : this.#takeFragment(rest);
      this.#taken += taken;
      rest = rest.subarray(taken);
      if (this.#isComplete) return parseClientHello(this.#message.subarray(HANDSHAKE_HEADER_BYTES));
      if (this.#taken > CLIENT_HELLO_LIMIT_BYTES) throw tooLong();
    }
    return "more";
  }

  get #isComplete(): boolean {
    return this.#message.length > HANDSHAKE_HEADER_BYTES && this.#messageFilled === this.#message.length;
  }

  #takeRecordHeader(bytes: Uint8Array): number {
    const part = bytes.subarray(0, RECORD_HEADER_BYTES - this.#recordHeaderFilled);
    this.#recordHeader.set(part, this.#recordHeaderFilled);
    this.#recordHeaderFilled += part.length;
    const header = this.#recordHeader;
    if (header[0] !== HANDSHAKE_RECORD || (this.#recordHeaderFilled > 1 && header[1] !== 3)) {
      throw new ProtocolError("the first record is not a TLS handshake");
    }
    if (this.#recordHeaderFilled < RECORD_HEADER_BYTES) return part.length;
    this.#recordHeaderFilled = 0;
    this.#recordLeft = (header[3] ?? 0) * 256 + (header[4] ?? 0);
    if (this.#recordLeft === 0) throw new ProtocolError("an empty TLS handshake record");
    if (this.#recordLeft > RECORD_LIMIT_BYTES) throw new ProtocolError("a TLS record longer than 16 KB");
    return part.length;
  }

  #takeFragment(bytes: Uint8Array): number {
    const part = bytes.subarray(0, Math.min(this.#recordLeft, this.#message.length - this.#messageFilled));
    this.#message.set(part, this.#messageFilled);
    this.#messageFilled += part.length;
    this.#recordLeft -= part.length;
    if (this.#messageFilled === HANDSHAKE_HEADER_BYTES && this.#message.length === HANDSHAKE_HEADER_BYTES) {
      this.#makeRoomForBody();
    }
    return part.length;
  }

  #makeRoomForBody(): void {
    const header = new VectorReader(this.#message, "the TLS handshake header");
    if (header.number(1) !== CLIENT_HELLO_MESSAGE)
      throw new ProtocolError("the first TLS message is not a ClientHello");
    const bodyBytes = header.number(3);
    if (bodyBytes > CLIENT_HELLO_LIMIT_BYTES) throw tooLong();
    if (bodyBytes === 0) throw new ProtocolError("an empty ClientHello");
    const whole = new Uint8Array(HANDSHAKE_HEADER_BYTES + bodyBytes);
    whole.set(this.#message);
    this.#message = whole;
  }
}

function tooLong(): ProtocolError {
  return new ProtocolError(`a ClientHello longer than ${CLIENT_HELLO_LIMIT_BYTES} bytes`);
}

function parseClientHello(body: Uint8Array): ClientHello {
  const hello = new VectorReader(body, "the ClientHello");
  if (hello.number(1) !== 3) throw new ProtocolError("a ClientHello of an unknown protocol version");
  hello.skip(1 + 32); // minor version, random
  if (hello.skipVector(1) > 32) throw new ProtocolError("a ClientHello with a session id longer than 32 bytes");
  if (hello.skipVector(2, 2) % 2 !== 0) throw new ProtocolError("a ClientHello with half a cipher suite");
  hello.skipVector(1, 1); // compression methods
  // TLS 1.2 lets the whole block of extensions be absent
  const { names, alpn, versions } = hello.isAtEnd ? NO_EXTENSIONS : readExtensions(hello.vector(2));
  hello.expectEnd();
  const serverName = names && readServerName(names);
  return {
    ...(serverName === undefined ? {} : { serverName }),
    alpn: alpn ? readAlpn(alpn) : [],
    supportsTls13: versions !== undefined && offersTls13(versions),
  };
}

/** The contents of those that matter here. */
interface Extensions {
  names?: Uint8Array;
  alpn?: Uint8Array;
  versions?: Uint8Array;
}

const NO_EXTENSIONS: Readonly<Extensions> = {};

function readExtensions(block: Uint8Array): Readonly<Extensions> {
  const reader = new VectorReader(block, "the extensions of the ClientHello");
  const types = new Set<number>();
  const extensions: Extensions = {};
  while (!reader.isAtEnd) {
    const type = reader.number(2);
    // two server names for two readers of the same hello would be a way around routing (RFC 8446 section 4.2)
    if (types.has(type)) throw new ProtocolError(`a ClientHello with extension ${type} twice`);
    types.add(type);
    if (type === EXTENSION.serverName) extensions.names = reader.vector(2);
    else if (type === EXTENSION.alpn) extensions.alpn = reader.vector(2);
    else if (type === EXTENSION.supportedVersions) extensions.versions = reader.vector(2);
    else reader.skipVector(2);
  }
  return extensions;
}

/** RFC 6066 section 3: at most one name of each type, and `host_name` (0) is the only type there is. */
function readServerName(extension: Uint8Array): string | undefined {
  const outer = new VectorReader(extension, "the server name extension");
  const list = new VectorReader(outer.vector(2, 1), "the list of server names");
  outer.expectEnd();
  if (list.number(1) !== 0) throw new ProtocolError("a server name of an unknown type");
  const name = list.vector(2, 1);
  list.expectEnd();
  return serverNameOf(name);
}

/** RFC 7301 section 3.1. */
function readAlpn(extension: Uint8Array): string[] {
  const outer = new VectorReader(extension, "the ALPN extension");
  const list = new VectorReader(outer.vector(2, 2), "the list of application protocols");
  outer.expectEnd();
  const protocols: string[] = [];
  while (!list.isAtEnd) protocols.push(list.text(1, 1));
  return protocols;
}

/** RFC 8446 section 4.2.1. */
function offersTls13(extension: Uint8Array): boolean {
  const outer = new VectorReader(extension, "the supported versions extension");
  const list = new VectorReader(outer.vector(1, 2), "the list of supported versions");
  outer.expectEnd();
  let found = false;
  while (!list.isAtEnd) found = list.number(2) === TLS_1_3 || found;
  return found;
}
