import { hasHidden } from "../../../web-ui/text/visible-text.ts";

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * Bytes as one word of a POSIX shell (POSIX.1-2017 XCU section 2.2), safe to paste: text that can be seen stands in single
 * quotes, everything else is made by `printf`, so no control character goes through the terminal. NUL cannot stand in a
 * word, nor can a line break at the end of one that `printf` makes: look at `fitsShellWord` first.
 */
export function shellWord(bytes: Uint8Array): string {
  const text = visibleUtf8(bytes);
  if (text === undefined) return `"$(printf '${printfFormat(bytes)}')"`;
  if (PLAIN.test(text)) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Whether the bytes are text of visible characters and line feeds, so that a reader knows what the word holds. */
export function fitsShellWord(bytes: Uint8Array): boolean {
  return visibleUtf8(bytes) !== undefined;
}

/** The text, when every character of it can be seen; a tab would make an interactive shell complete file names. */
function visibleUtf8(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return hasHidden(text) || text.includes("\t") ? undefined : text;
  } catch {
    return undefined;
  }
}

function printfFormat(bytes: Uint8Array): string {
  return Array.from(bytes, (byte, index) => {
    const character = String.fromCharCode(byte);
    if (character === "%") return "%%";
    const isPlain = byte >= 0x20 && byte < 0x7f && character !== "'" && character !== "\\";
    // A format that begins with a dash is taken for options.
    return isPlain && (index > 0 || character !== "-") ? character : `\\${byte.toString(8).padStart(3, "0")}`;
  }).join("");
}
