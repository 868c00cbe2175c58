/** What a part of the screen means; the painter knows the colour. */
export type Tone = "plain" | "title" | "faint" | "good" | "notice" | "warning" | "bad";

export interface Span {
  /** Printable. */
  readonly text: string;
  readonly tone: Tone;
}

/** One line of the screen, from the left. */
export type ScreenLine = readonly Span[];

export function lineText(line: ScreenLine): string {
  return line.map(({ text }) => text).join("");
}

export function plainLine(text: string): ScreenLine {
  return [{ text, tone: "plain" }];
}
