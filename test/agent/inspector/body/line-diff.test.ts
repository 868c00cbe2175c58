import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { lineDiff } from "../../../../src/agent/inspector/body/line-diff.ts";

/** `-a +b c`: one word for each line. */
function drawn(left: readonly string[], right: readonly string[]): string {
  const signs = { same: "", removed: "-", added: "+" };
  return lineDiff(left, right)
    .flatMap(({ kind, left: from, right: to, count }) => {
      const lines = kind === "added" ? right.slice(to, to + count) : left.slice(from, from + count);
      return lines.map((line) => signs[kind] + line);
    })
    .join(" ");
}

const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");

describe("lineDiff", () => {
  test.each([
    ["", "", ""],
    ["a b", "a b", "a b"],
    ["", "a b", "+a +b"],
    ["a b", "", "-a -b"],
    ["a b c", "a x c", "a -b +x c"],
    ["a b c", "b c d", "-a b c +d"],
    ["a b c d", "a c b d", "a -b c +b d"],
    ["x x x", "x x x x", "x x x +x"],
    ["{ a } { b }", "{ a } { c } { b }", "{ a } { +c +} +{ b }"],
    ["a b c a b b a", "c b a b a c", "-a -b c +b a b -b a +c"],
  ])("lineDiff of %j and %j is %j", (left, right, diff) => {
    expect(drawn(words(left), words(right))).toBe(diff);
  });

  test("lineDiff gives runs in order that cover both sides and are true, removed before added", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 });
    fc.assert(
      fc.property(lines, lines, (left, right) => {
        let at = { left: 0, right: 0 };
        let before = "";
        for (const { kind, count, ...place } of lineDiff(left, right)) {
          expect(place).toEqual(at);
          expect(count).toBeGreaterThan(0);
          expect(kind).not.toBe(before);
          expect(`${before}>${kind}`).not.toBe("added>removed");
          const taken = { left: kind === "added" ? 0 : count, right: kind === "removed" ? 0 : count };
          if (kind === "same")
            expect(left.slice(at.left, at.left + count)).toEqual(right.slice(at.right, at.right + count));
          at = { left: at.left + taken.left, right: at.right + taken.right };
          before = kind;
        }
        expect(at).toEqual({ left: left.length, right: right.length });
      }),
      { numRuns: process.env["DEEP"] === "1" ? 50_000 : 1000 },
    );
  });

  test("lineDiff is as short as can be where no line occurs only once", () => {
    const lines = fc.array(fc.constantFrom("a", "b"), { maxLength: 12 });
    // Ends that differ, so that nothing is trimmed, and every common line at least twice.
    const around = (end: string, some: readonly string[]): string[] => [end, ...some, "a", "b", "a", "b", end];
    fc.assert(
      fc.property(lines, lines, (someLeft, someRight) => {
        const [left, right] = [around("l", someLeft), around("r", someRight)];
        const same = lineDiff(left, right).reduce((sum, run) => sum + (run.kind === "same" ? run.count : 0), 0);
        expect(same).toBe(longestCommon(left, right));
      }),
      { numRuns: process.env["DEEP"] === "1" ? 20_000 : 500 },
    );
  });

  test.each([
    ["lines that have nothing in common", (i: number) => `l${i}`, (i: number) => `r${i}`],
    ["few lines in another order", (i: number) => String(i % 7), (i: number) => String((i * 3) % 7)],
    ["lines in reverse", (i: number) => String(i), (i: number) => String(-i)],
    ["lines in blocks", (i: number) => String(i % 1000), (i: number) => String((i + 500) % 999)],
  ])("lineDiff bounds its work for fifty thousand %s", (_, left, right) => {
    const count = 50_000;
    const runs = lineDiff(
      Array.from({ length: count }, (_, i) => left(i)),
      Array.from({ length: count }, (_, i) => right(i)),
    );
    expect(runs.reduce((sum, run) => sum + (run.kind === "added" ? 0 : run.count), 0)).toBe(count);
  });
});

/** Length of the longest common subsequence, the slow way. */
function longestCommon(left: readonly string[], right: readonly string[]): number {
  let last = Array.from({ length: right.length + 1 }, () => 0);
  for (const line of left) {
    const row = [0];
    for (const [i, other] of right.entries()) {
      row.push(line === other ? (last[i] ?? 0) + 1 : Math.max(last[i + 1] ?? 0, row[i] ?? 0));
    }
    last = row;
  }
  return last.at(-1) ?? 0;
}
