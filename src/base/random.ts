/** Random text for names and identifiers; 64 bits and more, never guessable. */

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** KSUID epoch: 2014-05-13 16:53:20 UTC, in seconds. */
const KSUID_EPOCH_SECONDS = 1_400_000_000;
const KSUID_CHARS = 27;

/** `bytes` random bytes as lower-case hexadecimal digits. */
export function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}

/**
 * An identifier that sorts by time: the prefix, `_`, and a KSUID (4 bytes of seconds, 16 random bytes) in 27 base62
 * characters (reference.md 8.2).
 */
export function newId(prefix: string, now: Date): string {
  const bytes = new Uint8Array(20);
  new DataView(bytes.buffer).setUint32(0, Math.floor(now.getTime() / 1000) - KSUID_EPOCH_SECONDS);
  crypto.getRandomValues(bytes.subarray(4));
  return `${prefix}_${base62(BigInt(`0x${bytes.toHex()}`))}`;
}

function base62(value: bigint): string {
  let text = "";
  for (let rest = value; rest > 0n; rest /= 62n) text = BASE62.charAt(Number(rest % 62n)) + text;
  return text.padStart(KSUID_CHARS, "0");
}
