/**
 * The PROXY protocol: a header in front of a connection that says between whom it really runs. This folder holds both
 * versions, writing and reading (haproxy, "The PROXY protocol", versions 1 and 2). It does not decide whom to believe:
 * only a front that the operator named may send one.
 */
import ipaddr from "ipaddr.js";
import { ProtocolError } from "../../base/errors.ts";

/** An IP address in its usual text, and a port. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** What a PROXY header says about the connection behind it. */
export type ProxiedConnection =
  | {
      readonly type: "ip";
      readonly transport: Transport;
      readonly source: SocketAddress;
      readonly destination: SocketAddress;
    }
  /** Paths of sockets, empty when unnamed. */
  | { readonly type: "unix"; readonly transport: Transport; readonly source: string; readonly destination: string }
  /** The front relays a connection of a kind that it cannot describe. */
  | { readonly type: "unknown" }
  /** The front speaks for itself, for example to check our health. Version 1 has no word for it and says unknown. */
  | { readonly type: "local" };

export type Transport = "stream" | "datagram";

/** Both ends as bytes of one family, 4 or 16 each. */
export interface AddressPair {
  readonly family: 4 | 6;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

/**
 * The bytes of both addresses. IPv6-mapped IPv4 becomes IPv4; when the families differ IPv4 is mapped into IPv6, since a
 * header has room for one family only.
 * @throws RangeError when one of them is no IP address: a mistake of ours, addresses come from sockets.
 */
export function addressPair(source: string, destination: string): AddressPair {
  const ends = [ipaddr.process(source), ipaddr.process(destination)] as const;
  const isIpv4 = ends.every((end) => end.kind() === "ipv4");
  const [from, to] = ends.map((end) =>
    Uint8Array.from(
      !isIpv4 && end instanceof ipaddr.IPv4 ? end.toIPv4MappedAddress().toByteArray() : end.toByteArray(),
    ),
  );
  if (from === undefined || to === undefined) throw new RangeError("two addresses expected");
  return { family: isIpv4 ? 4 : 6, source: from, destination: to };
}

/** The text of 4 or 16 bytes, IPv6 in the form of RFC 5952. */
export function addressText(bytes: Uint8Array): string {
  return ipaddr.fromByteArray([...bytes]).toString();
}

const DECIMAL = /^(?:0|[1-9][0-9]{0,4})$/;
const IPV4 = /^(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!$)|$)){4}$/;

/** @throws ProtocolError unless `text` is an address of the family in plain form: no octal, no zone. */
export function parseAddress(text: string, family: 4 | 6): string {
  const isRight =
    family === 4
      ? IPV4.test(text) && ipaddr.IPv4.isValid(text)
      : /^[0-9a-fA-F:.]+$/.test(text) && ipaddr.IPv6.isValid(text);
  if (!isRight) throw new ProtocolError(`a PROXY header with a wrong IPv${family} address: ${JSON.stringify(text)}`);
  return family === 4 ? text : ipaddr.IPv6.parse(text).toString();
}

/** @throws ProtocolError unless `text` is a decimal number from 0 to 65535 without leading zeros. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!DECIMAL.test(text) || port > 65_535) {
    throw new ProtocolError(`a PROXY header with a wrong port: ${JSON.stringify(text)}`);
  }
  return port;
}
