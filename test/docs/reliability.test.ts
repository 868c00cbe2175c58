/** docs/reliability.md names tests that exist, and all of those of the fault suite. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { namedTest, readPage, ROOT, tablesBelow } from "./page.ts";
import { testTitles } from "./test-titles.ts";

const [rows = []] = tablesBelow(await readPage("docs/reliability.md"), "Faults and their tests");
const faults = rows.map(([fault = "", , , place = ""]) => ({ fault, test: namedTest(place) }));

describe("docs/reliability.md", () => {
  test.each(faults)("$fault: the test exists", async ({ test: { file, name } }) => {
    expect(testTitles(await Bun.file(join(ROOT, file)).text())).toContain(name);
  });

  test("names every file of the fault suite", async () => {
    const files = await Array.fromAsync(new Glob("test/faults/*.test.ts").scan(ROOT));
    expect(files.filter((file) => !faults.some((fault) => fault.test.file === file))).toEqual([]);
    expect(faults.length).toBeGreaterThanOrEqual(28);
  });
});
