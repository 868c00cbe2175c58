/** Bytes whose order can be checked: a sequence that repeats after a prime, so that no shifted copy looks the same. */
const PERIOD = 65_521;

/** `length` bytes of the endless sequence from `start` on. */
export function patternedBytes(length: number, start = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) bytes[i] = (((start + i) % PERIOD) * 31) >> 3;
  return bytes;
}
