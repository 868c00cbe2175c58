import { describe, expect, test } from "bun:test";
import { FrameWriter } from "../../../src/agent/console/frame-writer.ts";
import { plainLine } from "../../../src/agent/console/screen-line.ts";

const SIZE = { columns: 3, rows: 2 };
const at = (row: number, text: string): string => `\u001b[${row};1H${text}`;

describe("FrameWriter", () => {
  test("FrameWriter writes the whole screen first, also the lines that are empty", () => {
    expect(new FrameWriter("none").frame([plainLine("a")], SIZE)).toBe(`${at(1, "a  ")}${at(2, "   ")}`);
  });

  test("FrameWriter writes only lines that differ, and nothing when none does", () => {
    const frames = new FrameWriter("none");
    frames.frame([plainLine("a"), plainLine("b")], SIZE);
    expect(frames.frame([plainLine("a"), plainLine("c")], SIZE)).toBe(at(2, "c  "));
    expect(frames.frame([plainLine("a"), plainLine("c")], SIZE)).toBe("");
    expect(frames.frame([plainLine("a")], SIZE)).toBe(at(2, "   "));
  });

  test.each([
    ["narrower", { columns: 2, rows: 2 }, `${at(1, "a ")}${at(2, "  ")}`],
    ["lower", { columns: 3, rows: 1 }, at(1, "a  ")],
    ["higher", { columns: 3, rows: 3 }, `${at(1, "a  ")}${at(2, "   ")}${at(3, "   ")}`],
  ])("FrameWriter writes all lines for a terminal that became %s", (_, size, whole) => {
    const frames = new FrameWriter("none");
    frames.frame([plainLine("a")], SIZE);
    expect(frames.frame([plainLine("a")], size)).toBe(whole);
  });

  test("FrameWriter writes all lines when it forgot what stands there", () => {
    const frames = new FrameWriter("none");
    const whole = frames.frame([plainLine("a")], SIZE);
    frames.forget();
    expect(frames.frame([plainLine("a")], SIZE)).toBe(whole);
  });
});
