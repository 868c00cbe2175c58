/** Text measured in columns of a terminal: letters of East Asia and most pictures take two, marks take none. */

const characters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

const ELLIPSIS = "…";

/** Of printable text. */
export function widthOf(text: string): number {
  return Bun.stringWidth(text);
}

/** The text, or as much of its beginning as fits with an ellipsis behind it. Never wider than `columns`. */
export function fitted(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return columns < 1 ? "" : `${beginningOf(text, columns - 1)}${ELLIPSIS}`;
}

/** {@link fitted}, and filled with spaces to exactly `columns`. */
export function padded(text: string, columns: number): string {
  const shown = fitted(text, columns);
  return shown + " ".repeat(Math.max(0, columns - widthOf(shown)));
}

/**
 * The text on as many lines as it needs, at most `limit`, none wider than `columns`; broken at a space where there is one. The
 * last line ends in an ellipsis when something is missing.
 */
export function wrapped(text: string, columns: number, limit: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (lines.length < limit - 1 && widthOf(rest) > columns) {
    const line = lineOf(rest, columns);
    if (line === "") break;
    lines.push(line.trimEnd());
    rest = rest.slice(line.length).trimStart();
  }
  return rest === "" && lines.length > 0 ? lines : [...lines, fitted(rest, columns)];
}

/** Empty when not even one character fits. */
function lineOf(text: string, columns: number): string {
  const line = beginningOf(text, columns);
  const space = text[line.length] === " " ? -1 : line.lastIndexOf(" ");
  return space > 0 ? line.slice(0, space) : line;
}

/** The longest beginning that fits, cut between characters. */
function beginningOf(text: string, columns: number): string {
  let width = 0;
  for (const { segment, index } of characters.segment(text)) {
    width += widthOf(segment);
    if (width > columns) return text.slice(0, index);
  }
  return text;
}
