/** What the page for people who come from ngrok promises and denies is what the program says of itself. */
import { describe, expect, test } from "bun:test";
import { COMMANDS } from "../../src/cli/command-table.ts";
import { COMPATIBLE_VERSION } from "../../src/base/product-version.ts";
import { codeIn, readPage } from "./page.ts";

const page = await readPage("docs/coming-from-ngrok.md");

describe("docs/coming-from-ngrok.md", () => {
  test("docs/coming-from-ngrok.md denies the commands that are not there yet, and no other", () => {
    const [, denied = ""] = page.match(/^- commands (.*)$/m) ?? [];
    const later = Object.entries(COMMANDS).filter(([, { kind }]) => kind === "notYet");
    expect(new Set(codeIn(denied))).toEqual(new Set(later.map(([name]) => name)));
  });

  test("docs/coming-from-ngrok.md tells the version that the program prints", () => {
    expect(page).toContain(`ngrok version ${COMPATIBLE_VERSION}\n`);
  });

  test("docs/coming-from-ngrok.md tells the versions of the packages that the tests run", async () => {
    const ours = await Bun.file(`${import.meta.dir}/../../package.json`).json();
    const theirs = await Bun.file(`${import.meta.dir}/../compat/npm-ngrok/package.json`).json();
    expect(page).toContain(`npm \`@ngrok/ngrok\` ${ours.devDependencies["@ngrok/ngrok"]}`);
    expect(page).toContain(`npm \`ngrok\` ${theirs.dependencies.ngrok}`);
  });
});
