/** The first place where a text breaks the rules of its language. Places are in the text as it was received. */
export interface SyntaxFault {
  /** UTF-16 index into the text; at most its length (the text ended too early). */
  readonly offset: number;
  /** UTF-16 units from `offset` to highlight; 0 only at the end of the text. */
  readonly length: number;
  /** From 1. LF, CR and CR LF end a line. */
  readonly line: number;
  /** From 1, in characters (code points). */
  readonly column: number;
  /** In plain words, lower case, no full stop. May hold a short piece of the text: show it as text only. */
  readonly reason: string;
}

/** More than this many characters are not worth highlighting: the reader looks at where they begin. */
const HIGHLIGHT_LIMIT = 200;
const EXCERPT_LENGTH = 24;

/** The fault with its line and column; offset and length are moved to lie inside the text. */
export function syntaxFault(text: string, offset: number, length: number, reason: string): SyntaxFault {
  const from = Math.max(0, Math.min(offset, text.length));
  const left = text.length - from;
  return { offset: from, length: Math.min(Math.max(length, 1), HIGHLIGHT_LIMIT, left), ...placeOf(text, from), reason };
}

/** Line and column, both from 1, of a UTF-16 index. One pass over the text before it. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let lineStart = 0;
  for (let i = 0; i < offset; i++) {
    const code = text.charCodeAt(i);
    if (code !== 10 && (code !== 13 || text.charCodeAt(i + 1) === 10)) continue;
    line++;
    lineStart = i + 1;
  }
  let column = 1;
  for (let i = lineStart; i < offset; i++) {
    const code = text.charCodeAt(i);
    // The second half of a pair is no character of its own.
    if (code < 0xdc00 || code > 0xdfff) column++;
  }
  return { line, column };
}

/** A short piece of a stranger's text to stand in a reason; longer ones end in an ellipsis. */
export function excerpt(text: string): string {
  if (text.length <= EXCERPT_LENGTH) return text;
  const code = text.charCodeAt(EXCERPT_LENGTH - 1);
  // Not between the halves of a pair.
  return `${text.slice(0, code >= 0xd800 && code <= 0xdbff ? EXCERPT_LENGTH - 1 : EXCERPT_LENGTH)}…`;
}
