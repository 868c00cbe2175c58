import type { ScreenColour } from "./painter.ts";
import { paint } from "./painter.ts";
import type { ScreenLine } from "./screen-line.ts";
import type { ScreenSize } from "./screen.ts";

/** Knows what stands on the terminal, and so what has to be written for it to show something else. */
export class FrameWriter {
  readonly #colour: ScreenColour;
  #size: ScreenSize = { columns: 0, rows: 0 };
  #painted: readonly string[] = [];

  constructor(colour: ScreenColour) {
    this.#colour = colour;
  }

  /** Only the lines that differ from what stands there, or all for another size; empty when nothing does. */
  frame(lines: readonly ScreenLine[], size: ScreenSize): string {
    const { columns, rows } = size;
    if (columns !== this.#size.columns || rows !== this.#size.rows) this.forget();
    const painted = Array.from({ length: rows }, (_, row) => paint(lines[row] ?? [], columns, this.#colour));
    const changes = painted.map((text, row) => (text === this.#painted[row] ? "" : `\u001b[${row + 1};1H${text}`));
    this.#size = size;
    this.#painted = painted;
    return changes.join("");
  }

  /** What stands on the terminal is unknown: the next frame is whole. */
  forget(): void {
    this.#painted = [];
  }
}
