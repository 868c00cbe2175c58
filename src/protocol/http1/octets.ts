/** Octets and classes of octets that the grammar of HTTP names (RFC 9110 section 5.6, RFC 5234 appendix B.1). */

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const DEL = 0x7f;

/** 1 for each octet of a token: names of methods and fields (`tchar`, RFC 9110 section 5.6.2). */
export const TOKEN_OCTETS: Uint8Array = tableOf(
  "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
);

/** Whether the text is a token, so usable as a method or a field name. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (TOKEN_OCTETS[text.charCodeAt(i)] !== 1) return false;
  }
  return text.length > 0;
}

/**
 * Index of the first octet, from `from` up to `end`, that may not stand in a field value: a control other than TAB
 * (RFC 9110 section 5.5; we also refuse the controls that it lets a recipient keep). `end` when there is none.
 */
export function endOfText(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  for (; i < end; i++) {
    const octet = bytes[i] ?? 0;
    if (octet < SP ? octet !== TAB : octet === DEL) break;
  }
  return i;
}

/** Value of a decimal digit, -1 for any other octet. */
export function digitValue(octet: number | undefined): number {
  return octet !== undefined && octet >= 0x30 && octet <= 0x39 ? octet - 0x30 : -1;
}

/** Value of a hexadecimal digit, -1 for any other octet. */
export function hexValue(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function tableOf(members: string): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < members.length; i++) table[members.charCodeAt(i)] = 1;
  return table;
}
