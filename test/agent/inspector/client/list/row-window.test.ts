import { describe, expect, test } from "bun:test";
import { assert, integer, nat, property, record } from "fast-check";
import { rowWindow, scrollToShow } from "../../../../../src/agent/inspector/client/list/row-window.ts";

const scenes = record({
  count: nat(20_000),
  rowHeight: integer({ min: 1, max: 100 }),
  scrollTop: integer({ min: -500, max: 2_000_000 }),
  viewHeight: nat(4_000),
});

describe("rowWindow", () => {
  test("rowWindow holds every row in sight, and not many more", () => {
    const { start, end } = rowWindow({ count: 10_000, rowHeight: 50, scrollTop: 5_000, viewHeight: 500 });
    expect(start).toBeLessThanOrEqual(100);
    expect(end).toBeGreaterThanOrEqual(110);
    expect(end - start).toBeLessThan(40);
  });

  test("rowWindow lies in the list whatever the browser reports", () => {
    assert(
      property(scenes, (scene) => {
        const { start, end } = rowWindow(scene);
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(scene.count);
      }),
    );
  });
});

test.each([
  ["above", 3, 150],
  ["in sight", 12, 500],
  ["below", 25, 800],
])("scrollToShow moves as little as possible for a row %s", (_, index, expected) => {
  expect(scrollToShow(index, { count: 100, rowHeight: 50, scrollTop: 500, viewHeight: 500 })).toBe(expected);
});
