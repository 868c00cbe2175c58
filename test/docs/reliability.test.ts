/** docs/reliability.md names tests that exist, and all of those of the fault suite. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { readPage, ROOT, rowsBelow } from "./page.ts";

const rows = rowsBelow(await readPage("docs/reliability.md"), "Faults and their tests").slice(2);
const faults = rows.map((cells) => {
  const [, file = "", name = ""] = /^`(.+)`: "(.+)"$/.exec(cells.at(-1) ?? "") ?? [];
  return { fault: cells[0] ?? "", file, name };
});

describe("docs/reliability.md", () => {
  test.each(faults)("$fault: the test exists", async ({ file, name }) => {
    expect(name).not.toBe("");
    expect(await Bun.file(join(ROOT, file)).text()).toContain(`"${name}"`);
  });

  test("names every file of the fault suite", async () => {
    const files = await Array.fromAsync(new Glob("test/faults/*.test.ts").scan(ROOT));
    expect(files.filter((file) => !faults.some((fault) => fault.file === file))).toEqual([]);
    expect(faults.length).toBeGreaterThan(20);
  });
});
