/** Identifiers of records: `ep_` and a KSUID, so that as text they sort by time (reference.md 8.2). */

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 2014-05-13 16:53:20 UTC. */
const EPOCH_MS = 1_400_000_000_000;
const KSUID_CHARS = 27;
const KSUID_BYTES = 20;
/** Of the whole second, in 1/65536; the other 14 bytes are random. */
const FRACTION_OFFSET = 4;

/**
 * Four bytes of seconds since the epoch of KSUIDs, and 16 that other programs may take for random: ours begin with the fraction
 * of the second, so that records made one after the other are listed so. 112 random bits are never the same twice.
 */
export function newId(prefix: string, now: Date): string {
  const bytes = new Uint8Array(KSUID_BYTES);
  const view = new DataView(bytes.buffer);
  const sinceEpochMs = now.getTime() - EPOCH_MS;
  view.setUint32(0, Math.floor(sinceEpochMs / 1000));
  view.setUint16(FRACTION_OFFSET, Math.floor(((sinceEpochMs % 1000) / 1000) * 65_536));
  crypto.getRandomValues(bytes.subarray(FRACTION_OFFSET + 2));
  return `${prefix}_${base62(BigInt(`0x${bytes.toHex()}`))}`;
}

/** What follows the prefix; empty when there is none. */
export function suffixOf(id: string): string {
  return id.slice(id.indexOf("_") + 1);
}

function base62(value: bigint): string {
  let text = "";
  for (let rest = value; rest > 0n; rest /= 62n) text = DIGITS.charAt(Number(rest % 62n)) + text;
  return text.padStart(KSUID_CHARS, "0");
}
