/** Records as lines of columns, for people. */
export function recordTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows.map((row) => row.map(onOneLine))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((text, column) => text.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** Programs wrote some of it through the API, and could steer the terminal. */
function onOneLine(text: string): string {
  return text.replace(/\p{C}/gu, " ");
}
