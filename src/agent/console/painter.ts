import type { ScreenLine, Tone } from "./screen-line.ts";
import { lineText } from "./screen-line.ts";
import { widthOf } from "./text-width.ts";

/** `none`: not a single colour, for `NO_COLOR`; the other two are `console_ui_color` (reference.md 2.3). */
export type ScreenColour = "none" | "transparent" | "black";

/** Of "select graphic rendition" (ECMA-48 8.3.117). */
const TONES: Readonly<Record<Tone, string>> = {
  plain: "",
  title: "36;1",
  faint: "2",
  good: "32",
  notice: "36",
  warning: "33",
  bad: "31",
};
const WHITE_ON_BLACK = "37;40";
const RESET = "\u001b[0m";

/**
 * The bytes of one line for the terminal, as text: exactly `columns` wide, so that whatever stood there is gone, in its
 * background too. Ends without any rendition set.
 */
export function paint(line: ScreenLine, columns: number, colour: ScreenColour): string {
  const rest = " ".repeat(Math.max(0, columns - widthOf(lineText(line))));
  if (colour === "none") return `${lineText(line)}${rest}`;
  const ground = colour === "black" ? WHITE_ON_BLACK : "";
  const spans = line.map(({ text, tone }) => `${rendition(ground, TONES[tone])}${text}`);
  return `${spans.join("")}${rendition(ground, "")}${rest}${RESET}`;
}

function rendition(ground: string, tone: string): string {
  const parts = ["0", ground, tone].filter((part) => part !== "");
  return `\u001b[${parts.join(";")}m`;
}
