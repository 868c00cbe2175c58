/** Links between pages lead somewhere: to a file, and to a heading of it. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { PAGES, readPage, ROOT } from "./page.ts";

test.each(PAGES.map((page) => [page] as const))("the links of %s lead somewhere", async (page) => {
  const text = await readPage(page);
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  const local = targets.filter((target) => !/^\w+:/.test(target));
  const broken = await Promise.all(local.map(async (target) => ((await leadsSomewhere(page, target)) ? [] : [target])));
  expect(broken.flat()).toEqual([]);
});

async function leadsSomewhere(page: string, target: string): Promise<boolean> {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? page : normalize(join(dirname(page), file));
  if (!existsSync(join(ROOT, path))) return false;
  return anchor === undefined || anchorsOf(await readPage(path)).includes(anchor);
}

/** As the places that show Markdown make them. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}
