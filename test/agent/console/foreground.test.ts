import { expect, test } from "bun:test";
import { isForegroundStat } from "../../../src/agent/console/foreground.ts";

test.each([
  ["a process whose group has the terminal", "4242 (ginnel) S 4000 4242 4000 34816 4242 4194304 1 2", true],
  ["a process of another group", "4242 (ginnel) S 4000 4242 4000 34816 4000 4194304 1 2", false],
  ["a process without a terminal", "4242 (ginnel) S 4000 4242 4000 0 -1 4194304 1 2", true],
  ["a process with a name made to mislead", "4242 (a) S 1 1 1 1 1 (b) S 4000 4242 4000 34816 4000 41943", false],
])("isForegroundStat knows %s", (_, stat, isForeground) => {
  expect(isForegroundStat(stat)).toBe(isForeground);
});
