/** docs/api.md names every call of the management API, and filters that can be read. */
import { describe, expect, test } from "bun:test";
import { API_RESOURCES } from "../../src/cli/api/api-calls.ts";
import { MAX_CALLS, WINDOW_MS } from "../../src/edge/management/call-limit.ts";
import { readFilter } from "../../src/edge/management/filter/filter.ts";
import { MAX_FILTER_LENGTH } from "../../src/edge/management/filter/filter-tokens.ts";
import { listedFields, MAX_SCANNED } from "../../src/edge/management/list-page.ts";
import { RESOURCES } from "../../src/edge/management/resource-table.ts";
import { blocksOf, codeIn, readPage, rowsBelow } from "./page.ts";

const page = await readPage("docs/api.md");
const rows = rowsBelow(page, "Calls");

describe("docs/api.md", () => {
  test.each(API_RESOURCES.map(({ word, calls }) => [word, calls] as const))(
    "docs/api.md has every call of %s, and an example",
    (word, calls) => {
      const [, , listed = ""] = rows.find(([, cell]) => cell === `\`${word}\``) ?? [];
      const actions: readonly string[] = listed.match(/[a-z][a-z-]+(?=[,`\]\s]|$)/g) ?? [];
      expect([...calls.keys()].filter((action) => !actions.includes(action))).toEqual([]);
      const examples = blocksOf(page).filter(({ language }) => language === "sh");
      expect(examples.some(({ text }) => text.includes(`ginnel api ${word} `))).toBe(true);
    },
  );

  test("docs/api.md names no resource that is not there", () => {
    const words = rows.slice(1).flatMap(([, cell = ""]) => codeIn(cell));
    expect(words.filter((word) => API_RESOURCES.every((resource) => resource.word !== word))).toEqual([]);
  });

  test("docs/api.md shows filters that can be read", () => {
    const fields = RESOURCES.flatMap((spec) =>
      spec.actions.filter(({ isList }) => isList).flatMap((action) => listedFields(spec, action)),
    );
    const filters = rowsBelow(page, "Filters")
      .slice(1)
      .flatMap(([cell = ""]) => codeIn(cell));
    expect(filters.length).toBeGreaterThan(5);
    for (const filter of filters) expect(readFilter(filter, fields).text).toBe(filter);
  });

  test("docs/api.md tells the limits as they are", () => {
    expect(page).toContain(`${MAX_CALLS} calls of an account in any ${WINDOW_MS / 1000} seconds`);
    expect(page).toContain(`at most ${MAX_FILTER_LENGTH} characters. For one page ${MAX_SCANNED} records`);
  });
});
