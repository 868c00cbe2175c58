/** Networks in CIDR notation as rules name them (reference.md 7.10): with a mask, and in lowest-address form. */
import { PublicError } from "../base/errors.ts";
import { formatIp, ipOctets } from "./ip-address.ts";

/** A network. IPv4 and IPv6 never match each other; what is mapped (`::ffff:a.b.c.d`) counts as IPv4. */
export interface Cidr {
  /** As written, but for mapped networks and spellings of IPv6, which are brought into one form. */
  readonly text: string;
  /** 4 or 16 octets; those behind the prefix are zero. */
  readonly octets: Uint8Array;
  readonly prefixBits: number;
}

/** In front of the IPv4 address in a mapped one (RFC 4291 section 2.5.5.2). */
const MAPPED_PREFIX = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/** @throws PublicError 1413 without a mask, 1409 when a bit behind the mask is set, 362 for what is no network at all. */
export function parseCidr(text: string): Cidr {
  const [, address = "", mask] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const written = ipOctets(address);
  if (written === undefined) throw new PublicError("ERR_NGROK_362", { cidr: text });
  const octets = unmapped(written);
  if (mask === undefined) throw new PublicError("ERR_NGROK_1413", { address, bits: octets.length * 8 });
  const prefixBits = Number(mask) - (written.length - octets.length) * 8;
  if (prefixBits < 0 || prefixBits > octets.length * 8) throw new PublicError("ERR_NGROK_362", { cidr: text });
  const lowest = octets.map((octet, index) => octet & octetMask(prefixBits, index));
  const canonical = `${formatIp(lowest)}/${prefixBits}`;
  if (!lowest.every((octet, index) => octet === octets[index])) {
    throw new PublicError("ERR_NGROK_1409", { cidr: text, suggestion: canonical });
  }
  return { text: canonical, octets: lowest, prefixBits };
}

/** Octets of an address, 4 also for a mapped one. `undefined` for what is no address; a zone (`%eth0`) is passed over. */
export function addressOctets(text: string): Uint8Array | undefined {
  const octets = ipOctets(text);
  return octets && unmapped(octets);
}

/** Visitors and callers are compared with thousands of networks: most of them end at the first octet. */
export function isWithin({ octets, prefixBits }: Cidr, address: Uint8Array): boolean {
  if (octets.length !== address.length) return false;
  for (let index = 0; index * 8 < prefixBits; index++) {
    if (octets[index] !== ((address[index] ?? 0) & octetMask(prefixBits, index))) return false;
  }
  return true;
}

function unmapped(octets: Uint8Array): Uint8Array {
  const isMapped = octets.length === 16 && MAPPED_PREFIX.every((octet, index) => octet === octets[index]);
  return isMapped ? octets.subarray(MAPPED_PREFIX.length) : octets;
}

function octetMask(prefixBits: number, index: number): number {
  const bits = Math.min(8, Math.max(0, prefixBits - index * 8));
  return (0xff00 >> bits) & 0xff;
}
