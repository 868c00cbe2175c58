/**
 * What must not reach a terminal as it came: controls, line and paragraph separators, everything invisible that joins, hides
 * or turns what stands around it (formats, direction marks, tags), lone surrogates, and what no font and no width is known
 * of. Blanks other than the space look like one and are no less misleading in a path.
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;

/** More marks than any language puts on one letter would grow over the rows above and below. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;

/**
 * Text of anybody in one line without power over the terminal: what is unprintable stands there as an escape such as `\u001b`.
 * Of a longer text only the first `limit` UTF-16 units are looked at.
 */
export function printableText(text: string, limit: number): string {
  return text.slice(0, limit).replaceAll(UNPRINTABLE, escapeOf).replaceAll(STACKED_MARKS, "$1");
}

function escapeOf(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}
