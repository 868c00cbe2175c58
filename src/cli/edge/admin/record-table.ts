import { escapeUnprintable } from "../../../base/unprintable.ts";

/** Records as lines of columns, for people. Programs wrote some of it through the API: it stays on its line, and steers no terminal. */
export function recordTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows.map((row) => row.map(escapeUnprintable))];
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
