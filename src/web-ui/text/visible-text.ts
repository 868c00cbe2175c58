/** A piece of a text as it is shown: `plain` as it is, `mark` in place of a character that nobody would see. */
export interface TextPiece {
  readonly kind: "plain" | "mark";
  /** For a mark its escape, such as `\x1b` or `\u202e`: only visible ASCII. */
  readonly text: string;
}

/**
 * Characters that show as nothing or change how others show: controls but tab and line feed, format characters (among them
 * bidirectional controls, zero width spaces, soft hyphens, tags), separators of lines and paragraphs, halves of pairs, and
 * all others that Unicode wants ignored. Joiners inside an emoji and its choice of colour belong to that emoji.
 */
const HIDDEN =
  /(?!\t|\n|\ufe0f|(?<=[\p{Extended_Pictographic}\ufe0f])\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}\p{Default_Ignorable_Code_Point}]/gu;
const ANY_HIDDEN = new RegExp(HIDDEN.source, "u");

/** The text in pieces. Joined, the plain pieces and the characters behind the marks are the text again. */
export function visiblePieces(text: string): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  let at = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > at) pieces.push({ kind: "plain", text: text.slice(at, match.index) });
    pieces.push({ kind: "mark", text: escapeOf(match[0]) });
    at = match.index + match[0].length;
  }
  if (at < text.length) pieces.push({ kind: "plain", text: text.slice(at) });
  return pieces;
}

/** The text with an escape in place of each hidden character: for titles, labels and other places that hold only text. */
export function visibleText(text: string): string {
  return hasHidden(text) ? text.replaceAll(HIDDEN, escapeOf) : text;
}

/** Whether the text holds a character that would not be seen as what it is. */
export function hasHidden(text: string): boolean {
  return ANY_HIDDEN.test(text);
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\u{${digits}}`;
}
