/**
 * Text of a head, one character for each octet. A head has no charset of its own (RFC 9110 section 5.5), so this is the
 * only reading that loses nothing.
 */
import { Buffer } from "node:buffer";

/** Octets `start` to `end` (exclusive) as text. */
export function readLatin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.prototype.toString.call(bytes, "latin1", start, end);
}

/** Writes one octet per character and returns the offset behind the last. Characters above U+00FF have no octet. */
export function writeLatin1(target: Uint8Array, offset: number, text: string): number {
  for (let i = 0; i < text.length; i++) target[offset + i] = text.charCodeAt(i);
  return offset + text.length;
}

/** Whether the octets are that text. */
export function isText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Whether the octets spell the word, which must be lower case, when the case of letters does not matter. */
export function spells(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    const octet = bytes[start + i] ?? 0;
    const lower = octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
    if (lower !== word.charCodeAt(i)) return false;
  }
  return true;
}
