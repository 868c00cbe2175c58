/** What docs/accounts.md tells the operator to run prints what stands there, but for ids and tokens. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { runWords } from "../support/api-command.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { blocksOf, readPage } from "./page.ts";
import { shellWords } from "./shell-words.ts";

/** Stores are opened, and a machine may be busy; nothing here measures time. */
setDefaultTimeout(60_000);

const page = await readPage("docs/accounts.md");

test("docs/accounts.md shows what edge admin prints, from the first account to its limits", async () => {
  using folder = new TemporaryFolder();
  const conversations = ["Accounts", "Limits"].map((heading) => blocksOf(sectionOf(heading)));
  for (const blocks of conversations) {
    const [commands, printed] = [blocks[0], blocks[1]];
    const outcomes: string[] = [];
    for (const line of commands?.text.split("\n") ?? []) {
      const words = shellWords(line).map((word) => word.replace(/^--data=.*/, `--data=${folder.path}`));
      const { code, joined } = await runWords(words.slice(1), { HOME: folder.path });
      expect([line, code]).toEqual([line, 0]);
      outcomes.push(joined);
    }
    expect(outcomes.length).toBeGreaterThan(0);
    expect(masked(outcomes.join(""))).toBe(masked(`${printed?.text ?? ""}\n`));
  }
});

function sectionOf(heading: string): string {
  const [, rest = ""] = page.split(`\n## ${heading}\n`);
  return rest.split("\n## ")[0] ?? "";
}

/** Ids and tokens differ from run to run. */
function masked(text: string): string {
  return text.replaceAll(/\b(?:(?:acct|cr|ak)_)?[0-9A-Za-z]{27}(?:_[0-9A-Za-z]+)?\b/g, "ID");
}
