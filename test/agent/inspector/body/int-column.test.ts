import { expect, test } from "bun:test";
import { IntColumn } from "../../../../src/agent/inspector/body/int-column.ts";

test("IntColumn grows, changes and is cut", () => {
  const column = new IntColumn();
  for (let i = 0; i < 1000; i++) column.push(i * 2);
  column.set(3, -1);
  column.set(1000, 5);
  expect([column.length, column.at(0), column.at(3), column.at(999), column.at(1000)]).toEqual([1000, 0, -1, 1998, 0]);
  column.cut(2);
  column.cut(50);
  expect([column.length, column.at(1), column.at(2)]).toEqual([2, 2, 0]);
});
