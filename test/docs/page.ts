/** Pages of the documentation, taken apart as far as tests look at them. */
import { join } from "node:path";
import { Glob } from "bun";

export const ROOT = join(import.meta.dir, "../..");

/** Every page there is, by its path from the root. */
export const PAGES: readonly string[] = [
  ...new Glob("*.md").scanSync(ROOT),
  ...new Glob("docs/*.md").scanSync(ROOT),
].sort();

export async function readPage(path: string): Promise<string> {
  return await Bun.file(join(ROOT, path)).text();
}

export interface Block {
  /** The first word behind the fence: sh, yaml, console, … */
  readonly language: string;
  /** What else stands there: what a test is to do with it. */
  readonly mark: string;
  readonly text: string;
}

/** The fenced blocks of a page, without the white space that they are indented by. */
export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^( *)```(\w*) ?(.*)\n([^]*?)\n\1```$/gm)].map(
    ([, indent = "", language = "", mark = "", text = ""]) => ({
      language,
      mark,
      text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );
}

/** The cells of every table row between a heading (its text) and the next one of any level. */
export function rowsBelow(page: string, heading: string): readonly (readonly string[])[] {
  const [, rest = ""] = page.split(new RegExp(`^#+ ${heading}$`, "m"));
  const [section = ""] = rest.split(/^#+ /m);
  return [...section.matchAll(/^\| (.*) \|$/gm)].map(([, cells = ""]) => cells.split(" | "));
}

/**
 * The rows of each table between a heading (its text) and the next one of any level, without those of their heads. Strict: no line is left
 * out. @throws Error that shows a line with another number of cells than the head
 */
export function tablesBelow(page: string, heading: string): readonly (readonly (readonly string[])[])[] {
  const [, rest = ""] = page.split(new RegExp(`^#+ ${heading}$`, "m"));
  const [section = ""] = rest.split(/^#+ /m);
  return [...section.matchAll(/^ *\|.*(?:\n *\|.*)*/gm)].map(([table]) => {
    const [head = "", rule = "", ...lines] = table.split("\n");
    if (!/^\|(?:---\|)+$/.test(rule)) throw new Error(`no rule below the head of a table: ${head}`);
    const width = cellsOf(head).length;
    return lines.map((line) => {
      const cells = cellsOf(line);
      if (cells.length !== width) throw new Error(`${cells.length} cells in place of ${width}: ${line}`);
      return cells;
    });
  });
}

function cellsOf(line: string): readonly string[] {
  const [, cells] = /^\| (.*) \|$/.exec(line) ?? [];
  if (cells === undefined) throw new Error(`a row is written as "| one | two |": ${line}`);
  return cells.split(" | ");
}

/** The cell of a table that names a test: its file, and its title. @throws Error for any other text */
export function namedTest(cell: string): { readonly file: string; readonly name: string } {
  const [, file, name] = /^`(test\/[^`]+\.test\.ts)`: "(.+)"$/.exec(cell) ?? [];
  if (file === undefined || name === undefined)
    throw new Error(`a test is named as \`test/….test.ts\`: "title", not ${cell}`);
  return { file, name };
}

/** Texts in backticks. */
export function codeIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}
