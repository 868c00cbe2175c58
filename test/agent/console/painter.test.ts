import { describe, expect, test } from "bun:test";
import { paint, type ScreenColour } from "../../../src/agent/console/painter.ts";
import type { ScreenLine } from "../../../src/agent/console/screen-line.ts";

const LINE: ScreenLine = [
  { text: "Session ", tone: "plain" },
  { text: "online", tone: "good" },
];

describe("paint", () => {
  test.each<[ScreenColour, string]>([
    ["none", "Session online  "],
    ["transparent", "\u001b[0mSession \u001b[0;32monline\u001b[0m  \u001b[0m"],
    ["black", "\u001b[0;37;40mSession \u001b[0;37;40;32monline\u001b[0;37;40m  \u001b[0m"],
  ])("paint with the colour %s fills the line to the width of the terminal", (colour, bytes) => {
    expect(paint(LINE, 16, colour)).toBe(bytes);
  });

  test("paint counts the columns of wide characters", () => {
    expect(paint([{ text: "日本", tone: "plain" }], 6, "none")).toBe("日本  ");
  });

  test("paint adds nothing to a line that is full", () => {
    expect(paint([{ text: "full", tone: "plain" }], 4, "none")).toBe("full");
  });
});
