import { expect, test } from "bun:test";
import { recordTable } from "../../../../src/cli/edge/admin/record-table.ts";

test("recordTable sets columns, and lets nothing steer the terminal", () => {
  const rows = [
    ["a", "long name", ""],
    ["abc", "\u001B[2Jb\n\u202e", "c"],
  ];
  expect(recordTable(["ID", "NAME", "X"], rows)).toBe(
    ["ID   NAME                X", "a    long name", "abc  \\u001b[2Jb\\n\\u202e  c", ""].join("\n"),
  );
});
