/** Random text for names and secrets; 64 bits and more, never guessable. */

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Below it every digit is as likely as any other. */
const FAIR_BYTES = 62 * 4;

/** `bytes` random bytes as lower-case hexadecimal digits. */
export function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}

/** `length` random digits and letters, 5.95 bits each. */
export function randomBase62(length: number): string {
  let text = "";
  while (text.length < length) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    for (const byte of bytes) if (byte < FAIR_BYTES) text += BASE62.charAt(byte % BASE62.length);
  }
  return text.slice(0, length);
}
