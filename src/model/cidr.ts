/** Networks in CIDR notation as rules name them (reference.md 7.10): with a mask, and in lowest-address form. */
import ipaddr from "ipaddr.js";
import { PublicError } from "../base/errors.ts";

/** A network. IPv4 and IPv6 never match each other; what is mapped (`::ffff:a.b.c.d`) counts as IPv4. */
export interface Cidr {
  /** As written, but for mapped networks and spellings of IPv6, which are brought into one form. */
  readonly text: string;
  /** 4 or 16 octets; those behind the prefix are zero. */
  readonly octets: Uint8Array;
  readonly prefixBits: number;
}

/** Bits in front of the IPv4 address in a mapped one (RFC 4291 section 2.5.5.2). */
const MAPPED_BITS = 96;

/** @throws PublicError 1413 without a mask, 1409 when a bit behind the mask is set, 362 for what is no network at all. */
export function parseCidr(text: string): Cidr {
  const [, address = "", mask] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const written = parseOctets(address);
  if (written === undefined) throw new PublicError("ERR_NGROK_362", { cidr: text });
  const { octets, isMapped } = written;
  if (mask === undefined) throw new PublicError("ERR_NGROK_1413", { address, bits: octets.length * 8 });
  const prefixBits = Number(mask) - (isMapped ? MAPPED_BITS : 0);
  if (prefixBits < 0 || prefixBits > octets.length * 8) throw new PublicError("ERR_NGROK_362", { cidr: text });
  const lowest = octets.map((octet, index) => octet & octetMask(prefixBits, index));
  const canonical = `${ipaddr.fromByteArray([...lowest]).toString()}/${prefixBits}`;
  if (!lowest.every((octet, index) => octet === octets[index])) {
    throw new PublicError("ERR_NGROK_1409", { cidr: text, suggestion: canonical });
  }
  return { text: canonical, octets: lowest, prefixBits };
}

/** Octets of an address, 4 also for a mapped one. `undefined` for what is no address; a zone (`%eth0`) is passed over. */
export function addressOctets(text: string): Uint8Array | undefined {
  return parseOctets(text)?.octets;
}

export function isWithin({ octets, prefixBits }: Cidr, address: Uint8Array): boolean {
  if (octets.length !== address.length) return false;
  return octets.every((octet, index) => octet === ((address[index] ?? 0) & octetMask(prefixBits, index)));
}

function parseOctets(text: string): { readonly octets: Uint8Array; readonly isMapped: boolean } | undefined {
  // The loose forms of IPv4 (octal, hexadecimal, fewer parts) mean different networks to different readers.
  if (!text.includes(":") && !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.parse(text);
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
  const plain = isMapped ? address.toIPv4Address() : address;
  return { octets: Uint8Array.from(plain.toByteArray()), isMapped };
}

function octetMask(prefixBits: number, index: number): number {
  const bits = Math.min(8, Math.max(0, prefixBits - index * 8));
  return (0xff00 >> bits) & 0xff;
}
