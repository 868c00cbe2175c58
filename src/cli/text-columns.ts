/** Plain text set in columns, for help on a terminal. */

/** What every terminal shows without wrapping. */
const LINE_WIDTH = 80;
const INDENT = 2;
const GAP = 2;
/** A left column wider than this pushes its text to the next line. */
const LEFT_LIMIT = 30;

/** A paragraph, indented and wrapped between words. */
export function paragraph(text: string): string {
  return wrap(text, LINE_WIDTH - INDENT)
    .map((line) => `${" ".repeat(INDENT)}${line}\n`)
    .join("");
}

/** Rows of a term and what it means, the meanings in one column. */
export function twoColumns(rows: readonly (readonly [string, string])[]): string {
  const widest = Math.max(0, ...rows.map(([left]) => left.length).filter((width) => width <= LEFT_LIMIT));
  const column = INDENT + widest + GAP;
  return rows.map(([left, right]) => row(left, right, column)).join("");
}

function row(left: string, right: string, column: number): string {
  const [first = "", ...more] = wrap(right, LINE_WIDTH - column);
  const rest = more.map((line) => `${" ".repeat(column)}${line}\n`).join("");
  const head = `${" ".repeat(INDENT)}${left}`;
  if (head.length + GAP > column) return `${head}\n${" ".repeat(column)}${first}\n${rest}`;
  return `${`${head.padEnd(column)}${first}`.trimEnd()}\n${rest}`;
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
