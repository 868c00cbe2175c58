import { DEL, isToken, SP, TAB } from "./octets.ts";

/**
 * Throws unless this can be written as a field line, one octet per character: no CR, LF, NUL or other control, no
 * character above U+00FF. A plain error, since the text is ours: the caller encodes what strangers say.
 */
export function checkField(name: string, value: string): void {
  if (!isToken(name)) throw new Error(`${JSON.stringify(name)} is not a field name; use a token of RFC 9110`);
  checkText(name, value);
}

/** The same for a reason phrase or a target; `place` names it in the error. */
export function checkText(place: string, text: string): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < SP && code !== TAB) || code === DEL || code > 0xff) {
      const shown = code.toString(16).toUpperCase().padStart(4, "0");
      throw new Error(`${place} cannot hold U+${shown}; encode or drop it first`);
    }
  }
}
