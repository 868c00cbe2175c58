import { escapeUnprintable } from "../../base/unprintable.ts";

/** More marks than any language puts on one letter would grow over the rows above and below. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;

/**
 * Text of anybody in one line without power over the terminal: what is unprintable stands there as an escape such as `\u001b`.
 * Of a longer text only the first `limit` UTF-16 units are looked at.
 */
export function printableText(text: string, limit: number): string {
  return escapeUnprintable(text.slice(0, limit)).replaceAll(STACKED_MARKS, "$1");
}
