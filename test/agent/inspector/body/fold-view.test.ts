import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { FoldView, type FoldableRows } from "../../../../src/agent/inspector/body/fold-view.ts";
import { readJson } from "../../../../src/agent/inspector/body/json-tree.ts";

// 0 {   1 "a": [   2 1   3 2   4 ]   5 "b": {   6 "c": 3   7 }   8 }
const ROWS: FoldableRows = readJson('{"a":[1,2],"b":{"c":3}}').rows;

function shown(view: FoldView): number[] {
  return Array.from({ length: view.count }, (_, i) => view.rowAt(i));
}

/** The slow way: a row is hidden when a folded group spans it. */
function expected(rows: FoldableRows, folded: ReadonlySet<number>): number[] {
  const all = Array.from({ length: rows.count }, (_, i) => i);
  return all.filter((row) => ![...folded].some((start) => start < row && rows.foldEnd(start) >= row));
}

describe("FoldView", () => {
  test("FoldView shows every row at first", () => {
    expect(shown(new FoldView(ROWS))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("FoldView hides what is folded and shows it again", () => {
    const folded = new FoldView(ROWS).toggle(1).toggle(5);
    expect(shown(folded)).toEqual([0, 1, 5, 8]);
    expect(folded.isFolded(5)).toBe(true);
    expect(shown(folded.toggle(1))).toEqual([0, 1, 2, 3, 4, 5, 8]);
    expect(shown(folded.toggle(0))).toEqual([0]);
    expect(shown(folded.toggle(0).toggle(0))).toEqual([0, 1, 5, 8]);
  });

  test("FoldView does not fold rows that open no group", () => {
    const view = new FoldView(ROWS);
    expect(view.toggle(2)).toBe(view);
    expect(view.toggle(99)).toBe(view);
  });

  test("FoldView folds by depth and reveals a row", () => {
    const view = new FoldView(ROWS).foldFrom(0);
    expect(shown(view)).toEqual([0]);
    expect(shown(view.foldFrom(1))).toEqual([0, 1, 5, 8]);
    expect(shown(view.foldFrom(Infinity))).toHaveLength(9);
    expect(shown(view.reveal(3))).toEqual([0, 1, 2, 3, 4, 5, 8]);
    expect(shown(view.reveal(0))).toEqual([0]);
  });

  test("FoldView tells where a row is shown, and for a hidden one what hides it", () => {
    const view = new FoldView(ROWS).toggle(1);
    expect([0, 1, 3, 4, 5, 8].map((row) => view.positionOf(row))).toEqual([0, 1, 1, 1, 2, 5]);
  });

  test("FoldView agrees with the slow way for any tree and folds", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.array(fc.nat(40)), (value, picks) => {
        const { rows } = readJson(JSON.stringify(value));
        const folded = new Set(picks.filter((row) => rows.foldEnd(row) > row));
        const view = new FoldView(rows, folded);
        const visible = expected(rows, folded);
        expect(shown(view)).toEqual(visible);
        expect(visible.map((row) => view.positionOf(row))).toEqual(visible.map((_, i) => i));
      }),
      { numRuns: process.env["DEEP"] === "1" ? 20_000 : 300 },
    );
  });
});
