/**
 * IP addresses as texts and octets. Read by hand, because policies name thousands of them and everybody waits meanwhile: a few times
 * faster than through a library, and strict, since loose forms (octal, hexadecimal, fewer parts) mean different addresses to different readers.
 */

const GROUPS = 8;
const IPV4_PART = /^(?:0|[1-9]\d{0,2})$/;
const IPV6_GROUP = /^[\da-f]{1,4}$/i;
/** Of a link-local address (RFC 4007 section 11); it names a link of this machine, and no other address. */
const ZONE = /%[\da-z]+$/i;

/** 4 or 16 octets (RFC 4291 section 2.2, dotted ends included); `undefined` for what is no address. A zone (`%eth0`) is passed over. */
export function ipOctets(text: string): Uint8Array | undefined {
  return text.includes(":") ? ipv6Octets(text.includes("%") ? text.replace(ZONE, "") : text) : ipv4Octets(text);
}

/** In the form of RFC 5952 section 4, mapped addresses too. */
export function formatIp(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join(".");
  const groups = Array.from({ length: GROUPS }, (_, at) => ((octets[at * 2] ?? 0) << 8) | (octets[at * 2 + 1] ?? 0));
  const { start, length } = longestZeros(groups);
  if (length < 2) return hexText(groups);
  return `${hexText(groups.slice(0, start))}::${hexText(groups.slice(start + length))}`;
}

function ipv4Octets(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const octets = new Uint8Array(4);
  for (const [at, part] of parts.entries()) {
    const value = Number(part);
    if (value > 255 || !IPV4_PART.test(part)) return undefined;
    octets[at] = value;
  }
  return octets;
}

function ipv6Octets(text: string): Uint8Array | undefined {
  const [front = "", back, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const before = octetsOfGroups(front, back === undefined);
  const after = octetsOfGroups(back ?? "", true);
  if (before === undefined || after === undefined) return undefined;
  const missing = GROUPS * 2 - before.length - after.length;
  // What "::" stands for is one group of zeros or more.
  if (back === undefined ? missing !== 0 : missing < 2) return undefined;
  const octets = new Uint8Array(GROUPS * 2);
  octets.set(before);
  octets.set(after, before.length + missing);
  return octets;
}

/** `isEnd`: the last of them may be an IPv4 address in place of two groups. */
function octetsOfGroups(text: string, isEnd: boolean): readonly number[] | undefined {
  if (text === "") return [];
  const octets: number[] = [];
  const groups = text.split(":");
  for (const [at, group] of groups.entries()) {
    const dotted = isEnd && at === groups.length - 1 && group.includes(".") ? ipv4Octets(group) : undefined;
    if (dotted !== undefined) octets.push(...dotted);
    else if (IPV6_GROUP.test(group)) octets.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
    else return undefined;
  }
  return octets.length <= GROUPS * 2 ? octets : undefined;
}

/** The first of the longest. */
function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  for (const [at, group] of groups.entries()) {
    if (group !== 0) start = at + 1;
    else if (at + 1 - start > longest.length) longest = { start, length: at + 1 - start };
  }
  return longest;
}

function hexText(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}
