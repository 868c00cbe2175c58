import { expect, test } from "bun:test";
import { Shares } from "../../src/edge/shares.ts";

test("Shares gives each holder as much as its share, and again what came back", () => {
  const shares = new Shares(10);
  expect([shares.take("a", 11), shares.take("a", 10), shares.take("a", 1), shares.take("b", 10)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
  shares.give("a", 4);
  expect([shares.take("a", 5), shares.take("a", 4)]).toEqual([false, true]);
  shares.give("a", 10);
  expect(shares.take("a", 10)).toBe(true);
});
