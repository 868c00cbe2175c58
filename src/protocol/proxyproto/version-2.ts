/** Version 2, binary: a signature of 12 bytes, version and command, family and transport, length, addresses, and extras (TLVs). */
import { ProtocolError } from "../../base/errors.ts";
import {
  addressPair,
  addressText,
  type ProxiedConnection,
  type SocketAddress,
  type Transport,
} from "./proxied-connection.ts";

export const VERSION_2_SIGNATURE: Uint8Array = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
/** Everything in front of the addresses. */
export const VERSION_2_HEADER_BYTES = 16;
/** Addresses and extras. The format allows 64 KB; real headers stay below 1 KB, also with a certificate's subject. */
export const VERSION_2_BODY_LIMIT_BYTES = 4096;

const VERSION = 2;
const COMMAND = { local: 0, proxy: 1 } as const;
const FAMILY = { unspecified: 0, ipv4: 1, ipv6: 2, unix: 3 } as const;
const TRANSPORT = { unspecified: 0, stream: 1, datagram: 2 } as const;
const UNIX_PATH_BYTES = 108;

/** The header for this connection, without extras. Both paths of a Unix connection together are 216 bytes, padded with zeros. */
export function encodeVersion2(connection: ProxiedConnection): Uint8Array {
  switch (connection.type) {
    case "local":
      return header(COMMAND.local, 0, []);
    case "unknown":
      return header(COMMAND.proxy, 0, []);
    case "unix":
      return header(COMMAND.proxy, (FAMILY.unix << 4) | TRANSPORT[connection.transport], [
        unixPath(connection.source),
        unixPath(connection.destination),
      ]);
    case "ip": {
      const { family, source, destination } = addressPair(connection.source.address, connection.destination.address);
      const code = family === 4 ? FAMILY.ipv4 : FAMILY.ipv6;
      const ports = Buffer.alloc(4);
      ports.writeUInt16BE(connection.source.port, 0);
      ports.writeUInt16BE(connection.destination.port, 2);
      return header(COMMAND.proxy, (code << 4) | TRANSPORT[connection.transport], [source, destination, ports]);
    }
    default:
      return connection satisfies never;
  }
}

function header(command: number, familyAndTransport: number, body: readonly Uint8Array[]): Uint8Array {
  const length = body.reduce((sum, part) => sum + part.length, 0);
  const fixed = Uint8Array.of((VERSION << 4) | command, familyAndTransport, length >> 8, length & 0xff);
  return Buffer.concat([VERSION_2_SIGNATURE, fixed, ...body]);
}

function unixPath(path: string): Uint8Array {
  const bytes = Buffer.from(path);
  if (bytes.length > UNIX_PATH_BYTES)
    throw new RangeError(`the path of a Unix socket longer than ${UNIX_PATH_BYTES} bytes`);
  return Buffer.concat([bytes], UNIX_PATH_BYTES);
}

/**
 * Bytes that follow the fixed part.
 * @throws ProtocolError when the fixed part is wrong, or asks for more than {@link VERSION_2_BODY_LIMIT_BYTES}.
 */
export function version2BodyBytes(fixed: Uint8Array): number {
  const [versionAndCommand = 0, , high = 0, low = 0] = fixed.subarray(VERSION_2_SIGNATURE.length);
  if (versionAndCommand >> 4 !== VERSION) throw new ProtocolError("a PROXY header of an unknown version");
  const length = high * 256 + low;
  if (length > VERSION_2_BODY_LIMIT_BYTES) {
    throw new ProtocolError(`a PROXY header longer than ${VERSION_2_BODY_LIMIT_BYTES} bytes`);
  }
  return length;
}

/**
 * Reads a whole header. Extras are skipped, their checksum with them: the link to the front is TCP or better.
 * @throws ProtocolError when it is no header of version 2.
 */
export function parseVersion2(bytes: Uint8Array): ProxiedConnection {
  const [versionAndCommand = 0, familyAndTransport = 0] = bytes.subarray(VERSION_2_SIGNATURE.length);
  const body = bytes.subarray(VERSION_2_HEADER_BYTES);
  const command = versionAndCommand & 0x0f;
  // of LOCAL the addresses must be ignored
  if (command === COMMAND.local) return { type: "local" };
  if (command !== COMMAND.proxy) throw new ProtocolError(`a PROXY header with the unknown command ${command}`);
  const family = familyAndTransport >> 4;
  const transport = transportOf(familyAndTransport & 0x0f);
  if (family === FAMILY.unspecified || transport === undefined) return { type: "unknown" };
  if (family === FAMILY.ipv4) return ipConnection(body, 4, transport);
  if (family === FAMILY.ipv6) return ipConnection(body, 16, transport);
  if (family !== FAMILY.unix) throw new ProtocolError(`a PROXY header of the unknown address family ${family}`);
  expectLength(body, 2 * UNIX_PATH_BYTES);
  return {
    type: "unix",
    transport,
    source: pathText(body.subarray(0, UNIX_PATH_BYTES)),
    destination: pathText(body.subarray(UNIX_PATH_BYTES, 2 * UNIX_PATH_BYTES)),
  };
}

function transportOf(code: number): Transport | undefined {
  if (code === TRANSPORT.stream) return "stream";
  if (code === TRANSPORT.datagram) return "datagram";
  if (code === TRANSPORT.unspecified) return undefined;
  throw new ProtocolError(`a PROXY header with the unknown transport ${code}`);
}

function ipConnection(body: Uint8Array, addressBytes: 4 | 16, transport: Transport): ProxiedConnection {
  expectLength(body, 2 * addressBytes + 4);
  const ports = Buffer.from(body.subarray(2 * addressBytes, 2 * addressBytes + 4));
  const end = (start: number, portAt: number): SocketAddress => ({
    address: addressText(body.subarray(start, start + addressBytes)),
    port: ports.readUInt16BE(portAt),
  });
  return { type: "ip", transport, source: end(0, 0), destination: end(addressBytes, 2) };
}

function expectLength(body: Uint8Array, atLeast: number): void {
  if (body.length < atLeast) throw new ProtocolError("a PROXY header that ends within its addresses");
}

function pathText(field: Uint8Array): string {
  const end = field.indexOf(0);
  // an abstract socket begins with a zero byte and has no path
  return Buffer.from(end === -1 ? field : field.subarray(0, end)).toString();
}
