/** docs/security.md tells the limits that the code has, and names tests that exist. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parseByteSize } from "../../src/base/byte-size.ts";
import { parseDurationMs } from "../../src/base/duration.ts";
import { EDGE_SETTINGS, type EdgeSetting } from "../../src/config/edge-settings.ts";
import { codeIn, namedTest, readPage, ROOT, tablesBelow } from "./page.ts";
import { testTitles } from "./test-titles.ts";

const page = await readPage("docs/security.md");
const read = (path: string): Promise<string> => Bun.file(join(ROOT, path)).text();

const [settings = [], fixed = []] = tablesBelow(page, "Limits and deadlines");
const [promised = []] = tablesBelow(page, "Promises and their tests");
const constants = fixed.map(([what = "", limit = "", place = ""]) => {
  const [, name, file] = /^`([A-Z\d_]+)` in `(src\/[^`]+\.ts)`$/.exec(place) ?? [];
  if (name === undefined || file === undefined) throw new Error(`no constant and its file: ${place}`);
  return { what, limit, name, file };
});
const promises = promised.map(([promise = "", place = ""]) => ({ promise, test: namedTest(place) }));

describe("docs/security.md", () => {
  test.each(constants)("tells the limit of $what", async ({ limit, name, file }) => {
    const [, expression = ""] = new RegExp(`const ${name} = ([\\d_ *<]+);`).exec(await read(file)) ?? [];
    expect(expression).not.toBe("");
    const expected = name.endsWith("_MS") ? parseDurationMs(limit) : parseByteSize(limit);
    expect(valueOf(expression)).toBe(expected ?? Number.NaN);
  });

  test.each(settings)("tells of %s the default of %s", (_, setting, usual) => {
    const table: Readonly<Record<string, EdgeSetting<unknown>>> = EDGE_SETTINGS;
    const [name = ""] = codeIn(setting);
    expect(usual).toBe(`\`${table[name]?.usual}\``);
  });

  test.each(promises)("$promise: the test exists", async ({ test: { file, name } }) => {
    expect(testTitles(await read(file))).toContain(name);
  });

  test("has rows of each kind", () => {
    expect([settings.length >= 7, constants.length >= 79, promises.length >= 125]).toEqual([true, true, true]);
  });
});

/** Of products and shifts of whole numbers, as constants are written. */
function valueOf(expression: string): number {
  const [shifted = "", by] = expression.replaceAll("_", "").split("<<");
  const product = shifted.split("*").reduce((value, factor) => value * Number(factor), 1);
  return by === undefined ? product : product << Number(by);
}
