/**
 * Writes src/cli/credits.txt: the licences of everything that is part of the executable. Run after a change of dependencies:
 * `npx bun scripts/lib/credits.ts`. A test holds the file against what is installed.
 */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";

const ROOT = join(import.meta.dir, "../..");
export const CREDITS_FILE = join(ROOT, "src/cli/credits.txt");

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
    }),
  ),
});

/** The runtime is part of the executable too, but its package holds no licence file. */
const RUNTIME = `This program is built on Bun, which is under the MIT licence, and which links
JavaScriptCore (parts of WebKit) under the GNU Library General Public License,
version 2. Their sources and the licences of all their parts are listed at
https://bun.com/docs/project/license
`;

/** Files of a package that belong to its licence. */
const LICENCE_FILE = /^(licen[cs]e|notice|copying|copyrightnotice)/i;
const RULE = "=".repeat(80);

/** The whole text, the same for the same installed packages. Packages of one licence text stand together. */
export async function creditsText(): Promise<string> {
  const { packages } = Lock.parse(await Bun.file(join(ROOT, "package-lock.json")).json());
  const bundled = Object.entries(packages).filter(
    ([path, { dev, devOptional }]) => path !== "" && !dev && !devOptional,
  );
  const titlesByText = new Map<string, string[]>();
  for (const [path, { version = "", license = "" }] of bundled) {
    const text = await licenceText(path);
    const title = `${path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)} ${version} (${license})`;
    titlesByText.set(text, [...(titlesByText.get(text) ?? []), title]);
  }
  const sections = [...titlesByText].map(([text, titles]) => `${RULE}\n${titles.sort().join("\n")}\n\n${text}`);
  return `${RUNTIME}\nIt also holds these packages:\n\n${sections.join("\n")}`;
}

async function licenceText(path: string): Promise<string> {
  const texts = await Promise.all((await licenceFiles(path)).map((file) => Bun.file(file).text()));
  return texts
    .map(
      (text) =>
        `${text
          .replaceAll(/[ \t\r]+$/gm, "")
          .replaceAll("\uFEFF", "")
          .trim()}\n`,
    )
    .join("\n");
}

/** Of a package that brings none along, the file that was written down for it here. */
async function licenceFiles(path: string): Promise<readonly string[]> {
  const folder = join(ROOT, path);
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  if (files.length > 0) return files.map((file) => join(folder, file));
  const written = join(import.meta.dir, "licences", `${basename(path)}.txt`);
  if (await Bun.file(written).exists()) return [written];
  throw new Error(`${path} has no licence file; write its licence down in ${written}`);
}

if (import.meta.main) await Bun.write(CREDITS_FILE, await creditsText());
