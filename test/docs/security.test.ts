/** docs/security.md tells the limits that the code has, and names tests that exist. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parseByteSize } from "../../src/base/byte-size.ts";
import { parseDurationMs } from "../../src/base/duration.ts";
import { EDGE_SETTINGS, type EdgeSetting } from "../../src/config/edge-settings.ts";
import { codeIn, readPage, ROOT, rowsBelow } from "./page.ts";

const page = await readPage("docs/security.md");
const rows = rowsBelow(page, "Limits and deadlines");
const read = (path: string): Promise<string> => Bun.file(join(ROOT, path)).text();

const constants = rows.flatMap(([what = "", limit = "", place = ""]) => {
  const [name, file] = codeIn(place);
  return name === undefined || file === undefined ? [] : [{ what, limit, name, file }];
});
const settings = rows.flatMap(([, setting = "", usual = ""]) => {
  const [name = ""] = codeIn(setting);
  return codeIn(usual).length === 1 && constants.every((constant) => constant.name !== codeIn(usual)[0])
    ? [{ name, usual: codeIn(usual)[0] }]
    : [];
});
const promises = rowsBelow(page, "Promises and their tests").flatMap(([promise = "", place = ""]) => {
  const [, file, name] = /^`(.+)`: "(.+)"$/.exec(place) ?? [];
  return file === undefined || name === undefined ? [] : [{ promise, file, name }];
});

describe("docs/security.md", () => {
  test.each(constants)("tells the limit of $what", async ({ limit, name, file }) => {
    const [, expression = ""] = new RegExp(`const ${name} = ([\\d_ *<]+);`).exec(await read(file)) ?? [];
    expect(expression).not.toBe("");
    const expected = name.endsWith("_MS") ? parseDurationMs(limit) : parseByteSize(limit);
    expect(valueOf(expression)).toBe(expected ?? Number.NaN);
  });

  test.each(settings)("tells the default of $name", ({ name, usual }) => {
    const table: Readonly<Record<string, EdgeSetting<unknown>>> = EDGE_SETTINGS;
    expect(table[name]?.usual).toBe(usual ?? "");
  });

  test.each(promises)("$promise: the test exists", async ({ file, name }) => {
    const source = await read(file);
    const isThere = [name, name.replace(/^\w+ /, "")].some((text) => source.includes(`"${text}"`));
    expect(isThere).toBe(true);
  });

  test("has rows of each kind", () => {
    expect([constants.length > 15, settings.length, promises.length > 20]).toEqual([true, 7, true]);
  });
});

/** Of products and shifts of whole numbers, as constants are written. */
function valueOf(expression: string): number {
  const [shifted = "", by] = expression.replaceAll("_", "").split("<<");
  const product = shifted.split("*").reduce((value, factor) => value * Number(factor), 1);
  return by === undefined ? product : product << Number(by);
}
