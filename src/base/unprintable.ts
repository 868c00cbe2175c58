/** Characters that must not reach a terminal, or whoever reads a log, as they came; and how they stand there instead. */

/**
 * Controls, line and paragraph separators, everything invisible that joins, hides or turns what stands around it (formats,
 * direction marks, tags), lone surrogates, and what no font and no width is known of. Blanks other than the space look like one
 * and are no less misleading in a path.
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;

/** Most texts; looked at in a fraction of the time. */
const PLAIN = /^[ -~]*$/;

/** The text in one line, without power over a terminal: what is unprintable stands there as an escape such as `\u001b`. */
export function escapeUnprintable(text: string): string {
  return PLAIN.test(text) ? text : text.replaceAll(UNPRINTABLE, escapeOf);
}

/** True when {@link escapeUnprintable} would change the text. */
export function holdsUnprintable(text: string): boolean {
  return !PLAIN.test(text) && text.search(UNPRINTABLE) >= 0;
}

/** A line of JSON that means the same, where JSON itself leaves such characters as they are (RFC 8259 section 7). */
export function escapeUnprintableJson(json: string): string {
  if (PLAIN.test(json)) return json;
  return json.replaceAll(UNPRINTABLE, (character) => character.split("").map(unitEscape).join(""));
}

function escapeOf(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}

/** JSON names UTF-16 units. */
function unitEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
